// What answers tool calls: one interface over MCP servers, programs and HTTP addresses.
import type { JsonObject, JsonValue } from "../../core/model/json.ts";
import type { ToolSchema } from "../../core/model/trajectory.ts";
import type { BackendSpec } from "../../core/replay/backendSpec.ts";
import type { ToolHints } from "../../core/replay/effectClass.ts";
import { environmentOf } from "../../core/replay/environment.ts";
import type { ToolAnswer } from "../../core/replay/execute.ts";
import type { BackendTools } from "../../core/replay/plan.ts";

export interface OfferedTool extends ToolSchema {
	hints: ToolHints | null;
}

export interface Backend {
	spec: BackendSpec;
	tools: ReadonlyMap<string, OfferedTool>;
	/** Never throws: a server that is gone, silent or floods is an answer with a reason. */
	call(tool: string, args: JsonValue, signal: AbortSignal): Promise<ToolAnswer>;
	close(): Promise<void>;
	/** Its snapshots outlive it: another backend of the same spec can restore them. */
	keepsSnapshots?: boolean;
}

export interface BackendLimits {
	/** Longest wait for one answer. */
	milliseconds: number;
	/** Largest answer. */
	bytes: number;
}

export const DEFAULT_LIMITS: BackendLimits = { milliseconds: 60_000, bytes: 8 * 1024 * 1024 };

export function planningTools({ spec, tools }: Backend): BackendTools {
	return {
		name: spec.name,
		tools: new Map([...tools].map(([name, tool]) => [name, tool.hints])),
		environment: environmentOf(spec.environment, [...tools.keys()]),
		sandbox: spec.sandbox,
	};
}

/** Arguments as an object; null where the log holds something else, which no tool takes. */
export function argumentsObject(args: JsonValue): JsonObject | null {
	if (args === null || args === "") return {};
	return typeof args === "object" && !Array.isArray(args) ? args : null;
}

export const NO_OBJECT = "the arguments are no JSON object";
