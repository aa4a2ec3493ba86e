// Task success and average task progress over nested milestones (AndroidLens, arXiv 2512.21302). The formula of progress
// was not published: three readings stand side by side.
import { asBoolean, asNumber, asObject, asString, type JsonValue, member } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { loggedList, loggedNumbers } from "./logged.ts";
import { averaged, type Measured, type Metric, successOf } from "./metric.ts";

export interface Milestone {
	name: string;
	/** Reached at some time. */
	done: boolean;
	/** Undone by a later action. */
	undone: boolean;
}

export interface Progress {
	anyOrder: number;
	prefix: number;
	kept: number;
}

/** @returns null for a task without milestones: it is left out */
export function progressOf(milestones: readonly Milestone[]): Progress | null {
	const total = milestones.length;
	if (total === 0) return null;
	const firstOpen = milestones.findIndex((milestone) => !milestone.done);
	return {
		anyOrder: milestones.filter((milestone) => milestone.done).length / total,
		prefix: (firstOpen < 0 ? total : firstOpen) / total,
		kept: milestones.filter((milestone) => milestone.done && !milestone.undone).length / total,
	};
}

/** Milestones as logged: a list of objects with `done`, or two counts. */
export function milestonesOf(rollout: Rollout): Milestone[] | null {
	const list = loggedList(rollout, "milestones", "sub_targets", "subgoals");
	if (list !== null) return list.map(readMilestone);
	const counts = loggedNumbers(rollout, { done: ["milestones_completed"], total: ["milestones_total"] });
	if (!counts.ok) return null;
	const { done, total } = counts.numbers;
	if (!Number.isInteger(total) || total < 0 || total > 10_000) return null;
	return Array.from({ length: total }, (_, index) => ({
		name: `milestone ${index + 1}`,
		done: index < done,
		undone: false,
	}));
}

function readMilestone(value: JsonValue, index: number): Milestone {
	const fields = asObject(value) ?? undefined;
	const truth = (...names: string[]) =>
		names.some((name) => (asBoolean(member(fields, name)) ?? (asNumber(member(fields, name)) ?? 0) > 0) === true);
	const name = asString(member(fields, "name")) ?? asString(member(fields, "id")) ?? `milestone ${index + 1}`;
	return { name, done: truth("done", "completed", "reached", "achieved"), undone: truth("undone", "revoked") };
}

function progress(rollout: Rollout, reading: keyof Progress): Measured {
	const milestones = milestonesOf(rollout);
	if (milestones === null) return { reason: "no milestones are logged" };
	const found = progressOf(milestones);
	if (found === null) return { reason: "the task has no milestones" };
	const open = milestones.filter((milestone) => !milestone.done).map((milestone) => `open: ${milestone.name}`);
	return { value: found[reading], count: milestones.length, detail: reading === "anyOrder" ? open.slice(0, 20) : [] };
}

export const milestones: Metric = {
	id: "milestones",
	title: "Task success and progress by milestones",
	formulas: [
		"TSR = tasks fully completed / tasks (the final state decides, not the milestones)",
		"ATP any-order = milestones reached / milestones",
		"ATP prefix = longest completed prefix / milestones",
		"ATP kept = milestones reached and not undone / milestones",
	],
	source: { title: "AndroidLens", reference: "arXiv 2512.21302", where: "average task progress; formula not found" },
	grade: "D",
	choice: "three readings of progress; tasks without milestones are left out",
	needs: "milestones with done and undone, or milestones_completed and milestones_total",
	better: "higher",
	parameters: [],
	compute: (run) => [
		...averaged(run, "TSR", (attempt) => {
			const success = successOf(attempt);
			return success === null ? { reason: "the outcome is unknown" } : { value: success };
		}),
		...averaged(run, "ATP any-order", ({ rollout }) => progress(rollout, "anyOrder")),
		...averaged(run, "ATP prefix", ({ rollout }) => progress(rollout, "prefix")),
		...averaged(run, "ATP kept", ({ rollout }) => progress(rollout, "kept")),
	],
};
