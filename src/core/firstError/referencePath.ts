// A reference path: the calls that a correct rollout makes, as somebody wrote them down or a dataset states them.
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

/** The reference actions that tau-bench and tau2-bench write beside a rollout; null where the log states none. */
export function loggedReferencePath(rollout: Rollout): ReferencePath | null {
	const { extra } = rollout;
	const listed =
		asArray(memberAt(extra, "info", "task", "actions")) ??
		asArray(memberAt(extra, "task", "evaluation_criteria", "actions")) ??
		asArray(member(extra, "reference_actions"));
	const steps = (listed ?? []).flatMap(readStep);
	return steps.length === 0 ? null : { steps, ordered: false, source: "reference actions in the log" };
}

function readStep(value: JsonValue): ReferenceStep[] {
	const tool = asString(member(value, "name"));
	const given = asObject(member(value, "kwargs")) ?? asObject(member(value, "arguments")) ?? {};
	return tool === null ? [] : [{ tool, arguments: given }];
}
