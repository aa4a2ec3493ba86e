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
	/** What stands behind these tools where the backend itself has none. */
	means?: EnvironmentMeans;
}

/** The user's own programs, or a git worktree of our own. Parts of a command never meet a shell. */
export type EnvironmentMeans =
	/** `snapshot` prints an id, which `restore` is given as `${snapshot}`. */
	| { kind: "programs"; snapshot: string[]; restore: string[] }
	/** Opened at HEAD, reset to the commit that the record names, and removed in the end. */
	| { kind: "worktree"; repository: string };

/** Tools that we add to a backend whose environment is kept by other means. */
export const ADDED = {
	reset: "environment_reset",
	snapshot: "environment_snapshot",
	restore: "environment_restore",
} as const;

/** Stands in commands and folders of a backend for the folder of its worktree. */
export const WORKTREE = "${worktree}";

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
	if (Array.isArray(value)) return value.map((part) => fill(part, rollout));
	const pointer = typeof value === "string" ? /^\$\{(\/[^}]*)\}$/.exec(value)?.[1] : undefined;
	if (pointer === undefined) return value;
	const path = pointer.slice(1).split("/");
	return memberAt(rollout.extra, ...path) ?? (pointer === "/task_id" ? rollout.task : null);
}

export function readEnvironment(setting: JsonValue | undefined): Environment | null {
	if (!isObject(setting)) return null;
	const byOtherMeans = readMeans(setting);
	if (byOtherMeans !== null) return byOtherMeans;
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

/** `{"reset": [...], "snapshot": [...], "restore": [...]}` with commands, or `{"worktree": folder, "commit": "${/pointer}"}`. */
function readMeans(setting: JsonObject): Environment | null {
	const restore = { tool: ADDED.restore, argument: "snapshot" };
	const snapshot = { tool: ADDED.snapshot, result: "snapshot" };
	const repository = member(setting, "worktree");
	if (typeof repository === "string") {
		const commit = member(setting, "commit") ?? "HEAD";
		return {
			reset: { tool: ADDED.reset, arguments: { commit } },
			snapshot,
			restore,
			means: { kind: "worktree", repository },
		};
	}
	const command = (key: string): string[] => {
		const value = member(setting, key);
		return Array.isArray(value) ? value.filter((part) => typeof part === "string") : [];
	};
	const [reset, keep, back] = [command("reset"), command("snapshot"), command("restore")];
	if (reset.length + keep.length + back.length === 0) return null;
	const canRestore = keep.length > 0 && back.length > 0;
	return {
		reset: reset.length === 0 ? null : { tool: ADDED.reset, arguments: { command: reset } },
		snapshot: canRestore ? snapshot : null,
		restore: canRestore ? restore : null,
		means: { kind: "programs", snapshot: keep, restore: back },
	};
}
