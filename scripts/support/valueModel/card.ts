// The model card of a value model: what it was learned from, how good it is where it was not, and what it cannot do.
import { type CalibrationBin, calibrationErrorOf } from "../../../src/core/math/ranking.ts";
import type { Examples } from "./examples.ts";
import type { HeldOutReport, Recipe } from "./heldOut.ts";
import type { LogisticModel } from "./logistic.ts";

export interface CardParts {
	title: string;
	sources: readonly Examples[];
	tested: readonly Examples[];
	recipes: readonly Recipe[];
	/** Null where there is only one source to learn from. */
	heldOut: HeldOutReport | null;
	/** On tasks of the practice world that no model learned from, by recipe. */
	practice: { tasks: number; steps: number; results: readonly { auc: number; rank: number }[] };
	model: LogisticModel;
	features: readonly string[];
}

export function cardOf(parts: CardParts): string {
	const { title, sources, recipes, heldOut, practice, model, features } = parts;
	const names = recipes.map(({ name }) => name);
	return `${[
		`# ${title}`,
		"",
		...verdict(heldOut, names),
		"",
		"States the chance that a rollout succeeds, after each step of the agent, from named features of the steps and hashed",
		`words: a logistic regression with ${model.weights.length} inputs. It reads the rollout up to the step and its results, never the outcome,`,
		"the reward or other rollouts. Written by `npm run train:value`.",
		"",
		"## Learned from",
		"",
		...table(
			["source", "rollouts", "steps", "succeeded"],
			sources.map((examples) => [
				examples.source,
				`${examples.rollouts}`,
				`${examples.rows.length}`,
				`${Math.round(100 * successRate(examples))} %`,
			]),
		),
		"",
		...(heldOut === null ? [] : heldOutLines(heldOut, names)),
		"## Tasks of the practice world that it never saw",
		"",
		`${practice.tasks} tasks, ${practice.steps} steps, compared with their outcomes and their exact values.`,
		"",
		...table(
			["", ...names],
			[
				["AUC of the outcome", ...practice.results.map(({ auc }) => digits(auc))],
				["rank correlation with the exact value", ...practice.results.map(({ rank }) => digits(rank))],
			],
		),
		"",
		"## What weighs most",
		"",
		...weightLines(model, features),
		"",
		"## What it cannot do",
		"",
		"It does not understand what is said: it counts. It knows English words of failure, apology and thanks, and no other",
		"language's. A step that is wrong but reads like a right one does not move it. On logs of another kind its number is no",
		"probability: trust the order within one task, then check it with `trajectory score --agreement`. Train one on your own",
		"logs with `npm run train:value -- DIR --out FOLDER`.",
	].join("\n")}\n`;
}

function verdict(heldOut: HeldOutReport | null, names: readonly string[]): string[] {
	if (heldOut === null)
		return ["**A demonstration**: learned from one source, so nothing is known of its worth on others."];
	const [own, ...others] = heldOut.mean.map(digits);
	const against = others.map((mean, index) => `${names[index + 1]} ${mean}`).join(", ");
	if (heldOut.better)
		return [`Mean AUC on held-out sources ${own}, against ${against}; better than both on most sources.`];
	return [
		`**A demonstration.** On sources that it never saw it does not reliably beat what is trivial: mean AUC ${own}, against`,
		`${against}. Use it to see how scoring works, not to judge agents.`,
	];
}

function heldOutLines({ sources, mean, bins }: HeldOutReport, names: readonly string[]): string[] {
	return [
		"## Sources that it never saw",
		"",
		"AUC of the outcome over all steps of each source, stated by a model that learned from all the others.",
		"",
		...table(
			["source", "rollouts", "steps", ...names],
			[
				...sources.map(({ source, rollouts, steps, auc }) => [source, `${rollouts}`, `${steps}`, ...auc.map(digits)]),
				["mean", "", "", ...mean.map(digits)],
			],
		),
		"",
		`Calibration over all of these steps: expected error ${digits(calibrationErrorOf(bins))}.`,
		"",
		...table(["stated", "steps", "mean stated", "succeeded"], bins.map(binCells)),
		"",
	];
}

function binCells({ from, to, count, stated, found }: CalibrationBin): string[] {
	return [`${from.toFixed(1)}-${to.toFixed(1)}`, `${count}`, digits(stated), digits(found)];
}

/** Single inputs only: those of hashed words have no name. */
function weightLines({ weights }: LogisticModel, features: readonly string[]): string[] {
	const named = features
		.filter((name) => !name.includes(":"))
		.map((name, at) => ({ name, weight: weights[at] as number }))
		.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
		.slice(0, 10);
	return table(
		["feature", "weight of one standard deviation"],
		named.map(({ name, weight }) => [`\`${name}\``, weight.toFixed(2)]),
	);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)];
}

function successRate({ succeeded }: Examples): number {
	return succeeded.filter(Boolean).length / succeeded.length;
}

function digits(value: number | null): string {
	return value === null || Number.isNaN(value) ? "–" : value.toFixed(3);
}
