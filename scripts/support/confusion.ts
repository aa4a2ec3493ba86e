// The confusion matrix of the formats, for docs/formats.md: what the real logs are against what they are taken for. As nearly
// all of its cells are empty, a row lists those that are not.
import { FORMATS } from "../../src/core/formats/registry.ts";
import type { Recognition } from "../../test/support/recognition.ts";

const HEAD = `## What is taken for what

Each of the files under a name that says nothing (\`x.dat\`): what it is, as a person says, against what it is recognised as by
its content. The last column names formats that recognise such files too, but are less sure.

| what it is | files | recognised | taken for another | recognised too, less surely |
| --- | ---: | ---: | --- | --- |
`;

/** The section as Markdown. */
export function confusionSection(recognitions: readonly Recognition[]): string {
	const titles = new Map(FORMATS.map(({ id, title }) => [id, title]));
	const name = (id: string | null) => (id === null ? "*no log*" : `[${titles.get(id) ?? id}](#${id})`);
	const byTruth = Map.groupBy(recognitions, ({ truth }) => truth);
	const rows = [...byTruth]
		.map(([truth, files]) => {
			const right = files.filter(({ found }) => found === truth).length;
			const wrong = tally(files.flatMap(({ found }) => (found === truth ? [] : [found ?? "nothing"])));
			const others = tally(files.flatMap((file) => file.others));
			return `| ${[name(truth), files.length, right, wrong, others].join(" | ")} |`;
		})
		.sort((a, b) => a.localeCompare(b, "en"));
	return `${HEAD}${rows.join("\n")}\n`;
}

function tally(ids: string[]): string {
	return [...Map.groupBy(ids, (id) => id)]
		.sort(([a, as], [b, bs]) => bs.length - as.length || a.localeCompare(b))
		.map(([id, { length }]) => `\`${id}\` ${length}`)
		.join(", ");
}
