// A reference path: the calls that a correct rollout makes, as somebody wrote them down or a dataset states them.

import { REFERENCE_VERSION, type ReferencePlan } from "../labels/referencePlan.ts";
import { canonicalJson } from "../model/action.ts";
import { asArray, asObject, asString, type JsonObject, type JsonValue, member, memberAt } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";

export interface ReferenceStep {
	tool: string;
	/** Arguments that a call must have to count; others are free. */
	arguments: JsonObject;
}

export interface ReferencePath {
	steps: readonly ReferenceStep[];
	/** Whether the steps must be taken in this order. */
	ordered: boolean;
	/** Where it comes from, for the reader. */
	source: string;
}

/** Where logs keep reference calls: tau-bench in the task, tau2-bench in the evaluation criteria, others beside the rollout. */
const PLACES: readonly (readonly string[])[] = [
	["info", "task", "actions"],
	["task", "evaluation_criteria", "actions"],
	["evaluation_criteria", "actions"],
	["reference_actions"],
	["reference_trajectory"],
	["reference_path"],
	["expected_tool_calls"],
	["expected_actions"],
];

/** The reference calls that a log states beside a rollout; null where it states none. */
export function loggedReferencePath(rollout: Rollout): ReferencePath | null {
	for (const place of PLACES) {
		const steps = (asArray(memberAt(rollout.extra, ...place)) ?? []).flatMap(readStep);
		if (steps.length > 0) return { steps, ordered: false, source: "reference actions in the log" };
	}
	return null;
}

/** The same as a plan with one way; its annotator is the log. */
export function loggedPlan(rollout: Rollout): ReferencePlan | null {
	const path = loggedReferencePath(rollout);
	if (path === null) return null;
	const steps = path.steps.map(({ tool, arguments: wanted }, index) => ({
		id: String(index + 1),
		title: `${tool}(${canonicalJson(wanted)})`,
		anyOf: [
			{
				tool,
				arguments: Object.fromEntries(
					Object.entries(wanted).map(([name, value]) => [name, { match: "exact" as const, value }]),
				),
			},
		],
		after: [],
	}));
	const order = path.ordered ? ("ordered" as const) : ("unordered" as const);
	const { task } = rollout;
	const ways = [{ title: path.source, order, steps }];
	return { version: REFERENCE_VERSION, task, revision: 1, source: path.source, annotator: "log", ways };
}

function readStep(value: JsonValue): ReferenceStep[] {
	const holder = member(value, "function") ?? value;
	const tool = asString(value) ?? asString(member(holder, "name")) ?? asString(member(holder, "tool"));
	const given = ["kwargs", "arguments", "args", "input"].map((key) => asObject(member(holder, key)));
	return tool === null ? [] : [{ tool, arguments: given.find((found) => found !== null) ?? {} }];
}
