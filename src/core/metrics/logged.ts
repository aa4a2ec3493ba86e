// Numbers and lists that judges and environments left in a log under the names of their papers.
import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue, memberAt } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";

/** Where logs keep what was measured of a rollout, besides its named rewards. */
const HOLDERS: readonly (readonly string[])[] = [
	[],
	["metrics"],
	["scores"],
	["info"],
	["metadata"],
	["evaluation"],
	["judge"],
	["reward_info"],
	["extra"],
];

/** The first value under one of the names, in the rollout's own fields or in one of the holders. */
export function loggedValue(rollout: Rollout, names: readonly string[]): JsonValue | undefined {
	for (const name of names) {
		for (const holder of HOLDERS) {
			const value = memberAt(rollout.extra, ...holder, name);
			if (value !== undefined && value !== null) return value;
		}
	}
	return undefined;
}

/** A number under one of the names, a named reward before a field; truth values count as 0 and 1. */
export function loggedNumber(rollout: Rollout, ...names: string[]): number | null {
	for (const name of names) {
		const reward = Object.hasOwn(rollout.rewards, name) ? rollout.rewards[name] : undefined;
		if (reward !== undefined && Number.isFinite(reward)) return reward;
	}
	const value = loggedValue(rollout, names);
	return typeof value === "boolean" ? Number(value) : asNumber(value);
}

export function loggedList(rollout: Rollout, ...names: string[]): JsonValue[] | null {
	return asArray(loggedValue(rollout, names));
}

export function loggedObject(rollout: Rollout, ...names: string[]): JsonObject | null {
	return asObject(loggedValue(rollout, names));
}

export function loggedText(rollout: Rollout, ...names: string[]): string | null {
	return asString(loggedValue(rollout, names));
}

/** Several numbers at once, or the names of those that the log lacks. */
export function loggedNumbers<Name extends string>(
	rollout: Rollout,
	names: Readonly<Record<Name, readonly string[]>>,
): { ok: true; numbers: Record<Name, number> } | { ok: false; reason: string } {
	const missing: string[] = [];
	const numbers = {} as Record<Name, number>;
	for (const name of Object.keys(names) as Name[]) {
		const value = loggedNumber(rollout, ...names[name]);
		if (value === null) missing.push(names[name][0] ?? name);
		else numbers[name] = value;
	}
	return missing.length === 0 ? { ok: true, numbers } : { ok: false, reason: `not logged: ${missing.join(", ")}` };
}
