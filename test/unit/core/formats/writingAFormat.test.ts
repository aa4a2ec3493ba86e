// The page on writing a format shows a format that is really in use, short enough to be read.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FORMATS } from "../../../../src/core/formats/registry.ts";
import { fixture } from "../../../support/fixtures.ts";
import { root } from "../../../support/paths.ts";
import { readText } from "../../../support/records.ts";
import { story } from "../../../support/story.ts";

const page = readFileSync(join(root, "docs/writing-a-format.md"), "utf8");
const [example = "", check = ""] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((block) => block[1] ?? "");

test("the example is the format itself, in under 60 lines", () => {
	expect(example).toBe(readFileSync(join(root, "src/core/formats/clineMessages.ts"), "utf8"));
	expect(example.trimEnd().split("\n").length).toBeLessThan(60);
	expect(FORMATS.map((format) => format.id)).toContain("cline-messages");
});

test("the steps that the page promises are the steps that are read", () => {
	const read = readText(fixture("cline-messages.json").text);
	expect(read.problems).toEqual([]);
	const promised = [...check.matchAll(/^\t(".*"|'.*'),$/gm)].map((line) =>
		line[1]?.slice(1, -1).replaceAll("\\n", "\n"),
	);
	expect(story(read.rollouts[0])).toEqual(promised);
	expect(readText('[{"ts":1,"say":"task","text":""}]').problems).toEqual(["x.dat:1: no messages"]);
});

test("every name of a helper on the page is one that exists", () => {
	const sources = ["parts", "chatMessages", "turns", "spanTree", "finish"]
		.map((name) => readFileSync(join(root, `src/core/formats/${name}.ts`), "utf8"))
		.join("\n");
	const places = readFileSync(join(root, "src/core/json/places.ts"), "utf8");
	for (const name of ["readParts", "messageTurn", "stepsOfTurns", "stepsOfSpans", "finishRollout"]) {
		expect(page).toContain(`\`${name}\``);
		expect(sources).toContain(`export function ${name}(`);
	}
	expect(places).toContain("export class RecordPlaces");
});
