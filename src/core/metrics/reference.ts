// Reference paths that logs carry with their tasks: the calls that a correct rollout makes.
import { asArray, asObject, asString, type JsonValue, member, memberAt } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import type { ReferenceCall } from "./metric.ts";

/** Where logs keep reference calls; tau-bench puts them into the task, tau2 into the evaluation criteria. */
const PLACES: readonly (readonly string[])[] = [
	["reference_trajectory"],
	["reference_path"],
	["reference_calls"],
	["expected_tool_calls"],
	["expected_actions"],
	["ground_truth_calls"],
	["info", "task", "actions"],
	["task", "evaluation_criteria", "actions"],
	["evaluation_criteria", "actions"],
];

/** @returns null where the log has none */
export function referenceOf(rollout: Rollout): ReferenceCall[] | null {
	for (const place of PLACES) {
		const list = asArray(memberAt(rollout.extra, ...place));
		if (list !== null) return list.flatMap((entry) => readCall(entry) ?? []);
	}
	return null;
}

function readCall(value: JsonValue): ReferenceCall | null {
	const holder = asObject(member(value, "function")) ?? asObject(value);
	const name =
		asString(value) ?? asString(member(holder ?? undefined, "name")) ?? asString(member(holder ?? undefined, "tool"));
	if (name === null) return null;
	for (const key of ["arguments", "kwargs", "args", "input", "parameters"]) {
		const given = member(holder ?? undefined, key);
		if (given !== undefined) return { name, arguments: given };
	}
	return { name, arguments: null };
}
