// Which convention the advantages stored in a log follow: over all rollouts, and group by group.
import { type Batch, groupCount } from "../advantages/batch.ts";
import { batchOf } from "../advantages/batchOf.ts";
import { type Detection, detectConvention, detectGroupConvention } from "../advantages/detect.ts";
import { digits, sourceLine } from "../advantages/explain.ts";
import { type Block, type Cell, heading, left, linkTo, list, quoted, right, table, text } from "./report.ts";
import type { ReportKind, Subject } from "./subject.ts";

function make({ attempts, name }: Subject) {
	const batch = batchOf(attempts);
	const all = detectConvention(batch);
	return {
		title: `Convention of stored advantages: ${name}`,
		blocks: [
			text(`**${all.text}** (${all.compared} stored numbers compared)`),
			...candidatesOf(all),
			...groupsOf(batch),
		],
	};
}

function candidatesOf({ candidates }: Detection): Block[] {
	if (candidates.length === 0) return [];
	return [
		heading("What fits, and how closely"),
		list(
			candidates.map(
				({ estimator, difference }) =>
					`${estimator.title}: ${estimator.formula}; largest difference ${digits(difference, 2)} (${sourceLine(estimator)})`,
			),
		),
	];
}

function groupsOf(batch: Batch): Block[] {
	const rows = Array.from({ length: groupCount(batch) }, (_, group): Cell[] => {
		const { verdict, text: said, compared, candidates } = detectGroupConvention(batch, group);
		const member = batch.members[batch.groupStart[group] as number];
		const difference = candidates[0]?.difference;
		return [
			linkTo(quoted(member?.task ?? "", 40), member?.key ?? "", null),
			verdict,
			String(compared),
			difference === undefined ? "–" : digits(difference, 2),
			said,
		];
	});
	return [
		heading("Group by group"),
		...table([left("task"), left("verdict"), right("numbers"), right("difference"), left("convention")], rows),
	];
}

export const conventionsReport: ReportKind = {
	id: "conventions",
	title: "Convention of Stored Advantages",
	summary: "which estimator, std and epsilon the advantages in the log follow, over all and group by group",
	about: "task",
	wider: true,
	make,
};
