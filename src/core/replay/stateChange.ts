// What changed in the environment between two steps, as far as the log holds its state.
import { canonicalJson } from "../model/action.ts";
import { isObject, type JsonValue } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";

export interface StateChange {
	/** Member names joined by dots. */
	path: string;
	/** Undefined where the member was not there. */
	before: JsonValue | undefined;
	after: JsonValue | undefined;
}

const DEEPEST = 6;
const MOST_CHANGES = 500;

/** The latest state at or before a step; null where none is logged. */
export function stateAt(rollout: Rollout, step: number): JsonValue {
	for (let at = step; at >= 0; at--) {
		const state = rollout.steps[at]?.state ?? null;
		if (state !== null) return state;
	}
	return null;
}

/** Members that differ between the states before and after a step; whole values below a bounded depth. */
export function stateChanges(rollout: Rollout, step: number): StateChange[] {
	const changes: StateChange[] = [];
	if ((rollout.steps[step]?.state ?? null) === null) return changes;
	compare(step === 0 ? null : stateAt(rollout, step - 1), stateAt(rollout, step), [], changes);
	return changes;
}

function compare(
	before: JsonValue | undefined,
	after: JsonValue | undefined,
	path: string[],
	changes: StateChange[],
): void {
	if (changes.length >= MOST_CHANGES || canonicalJson(before ?? null) === canonicalJson(after ?? null)) return;
	if (path.length < DEEPEST && isObject(before) && isObject(after)) {
		for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
			compare(before[key], after[key], [...path, key], changes);
		return;
	}
	changes.push({ path: path.join("."), before, after });
}
