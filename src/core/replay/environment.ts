// What brings an environment to where a recording began: calls whose arguments are taken from the rollout's own record.
import { isObject, type JsonObject, type JsonValue, member, memberAt } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";

/** A call of the environment, not of the agent. Arguments written `${/pointer}` come from the record. */
export interface EnvironmentCall {
	tool: string;
	arguments: JsonObject;
}

export interface Environment {
	/** Opens a fresh environment for the rollout. */
	reset: EnvironmentCall | null;
	/** Keeps the state; the member of its JSON result that names the snapshot. */
	snapshot: { tool: string; result: string } | null;
	/** Goes back to a snapshot, whose id stands under the name. */
	restore: { tool: string; argument: string } | null;
}

/** The practice world, known by its tools (docs/practice.md). */
export const PRACTICE_ENVIRONMENT: Environment = {
	reset: {
		tool: "world_reset",
		arguments: {
			task_id: "${/task_id}",
			seed: "${/seed}",
			jitter: "${/info/switches/jitter}",
			rescue: "${/info/switches/rescue}",
			altered: "${/info/switches/altered}",
		},
	},
	snapshot: { tool: "world_snapshot", result: "snapshot_id" },
	restore: { tool: "world_restore", argument: "snapshot_id" },
};

/** The environment that a backend is known to have: as configured, else by its tools; null where it has none. */
export function environmentOf(configured: Environment | null, tools: readonly string[]): Environment | null {
	if (configured !== null) return configured;
	return tools.includes("world_reset") ? PRACTICE_ENVIRONMENT : null;
}

/** The call with its arguments filled in; members that the record does not have, or has as null, are left out. */
export function fillCall(call: EnvironmentCall, rollout: Rollout): EnvironmentCall {
	const filled: JsonObject = {};
	for (const [name, value] of Object.entries(call.arguments)) {
		const found = fill(value, rollout);
		if (found !== null) Object.defineProperty(filled, name, { value: found, enumerable: true, writable: true });
	}
	return { tool: call.tool, arguments: filled };
}

function fill(value: JsonValue, rollout: Rollout): JsonValue {
	const pointer = typeof value === "string" ? /^\$\{(\/[^}]*)\}$/.exec(value)?.[1] : undefined;
	if (pointer === undefined) return value;
	const path = pointer.slice(1).split("/");
	return memberAt(rollout.extra, ...path) ?? (pointer === "/task_id" ? rollout.task : null);
}

export function readEnvironment(setting: JsonValue | undefined): Environment | null {
	if (!isObject(setting)) return null;
	const text = (at: JsonValue | undefined, key: string): string | null => {
		const value = member(at, key);
		return typeof value === "string" ? value : null;
	};
	const [reset, snapshot, restore] = ["reset", "snapshot", "restore"].map((key) => member(setting, key));
	const resetTool = text(reset, "tool");
	const resetArguments = member(reset, "arguments");
	const snapshotTool = text(snapshot, "tool");
	const restoreTool = text(restore, "tool");
	return {
		reset: resetTool === null ? null : { tool: resetTool, arguments: isObject(resetArguments) ? resetArguments : {} },
		snapshot: snapshotTool === null ? null : { tool: snapshotTool, result: text(snapshot, "result") ?? "id" },
		restore: restoreTool === null ? null : { tool: restoreTool, argument: text(restore, "argument") ?? "id" },
	};
}
