// The order desk as an MCP server: its tools, and a few more with which an environment is reset, snapshotted and inspected.
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
	CallToolRequestSchema,
	type CallToolResult,
	ErrorCode,
	ListToolsRequestSchema,
	type Tool,
} from "@modelcontextprotocol/sdk/types.js";
import type { Arguments } from "../world/desk.ts";
import { isTool } from "../world/desk.ts";
import { observationText } from "../world/messages.ts";
import type { SessionSwitches } from "../world/session.ts";
import { schemaOf, TOOLS, type ToolSpec } from "../world/tools.ts";
import type { Answer, CallerDesk } from "./desks.ts";

const SERVER_INFO = { name: "practice-order-desk", title: "Practice order desk", version: "0.1.0" };

/** An MCP server for one caller, ready to be connected to a transport. */
export function mcpServerFor(desk: CallerDesk): Server {
	const server = new Server(SERVER_INFO, {
		capabilities: { tools: {} },
		instructions:
			"Tools of a small order desk. The tools named world_* are not for the agent: they open a ticket on a fresh desk, keep and restore snapshots, and show the desk's state.",
	});
	server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOL_LIST }));
	server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
		answerCall(desk, params.name, params.arguments ?? {}),
	);
	return server;
}

/** An unknown tool is an error of the protocol; everything that the desk refuses is a result that says so. */
function answerCall(desk: CallerDesk, name: string, args: Arguments): CallToolResult {
	const control = CONTROLS.find((entry) => entry.tool.name === name);
	// Also a call of no tool takes its place in the session's stream of chance.
	const answer = control === undefined ? desk.call(name, args) : control.act(desk, args);
	if (control === undefined && !isTool(name)) throw new UnknownToolError(name);
	const content: CallToolResult["content"] = [{ type: "text", text: observationText(answer) }];
	return answer.ok ? { content } : { content, isError: true };
}

/** The SDK sends code and message of what a handler throws; its own error class would state the code twice. */
class UnknownToolError extends Error {
	readonly code = ErrorCode.InvalidParams;

	constructor(name: string) {
		super(`Unknown tool: ${name}`);
	}
}

function toolFor(spec: ToolSpec): Tool {
	return {
		name: spec.name,
		title: spec.title,
		description: spec.description,
		inputSchema: schemaOf(spec) as Tool["inputSchema"],
		annotations: {
			title: spec.title,
			readOnlyHint: spec.effect === "read",
			destructiveHint: spec.effect === "irreversible",
			idempotentHint: spec.idempotent,
			openWorldHint: false,
		},
	};
}

interface Control {
	tool: Tool;
	act: (desk: CallerDesk, args: Arguments) => Answer;
}

function control(
	name: string,
	description: string,
	properties: Record<string, object>,
	required: string[],
	hints: Tool["annotations"],
	act: Control["act"],
): Control {
	const inputSchema: Tool["inputSchema"] = { type: "object", properties, required, additionalProperties: false };
	return { tool: { name, description, inputSchema, annotations: { openWorldHint: false, ...hints } }, act };
}

const CONTROLS: Control[] = [
	control(
		"world_reset",
		"Open a ticket on a fresh desk. What was done before in this session is dropped.",
		{
			task_id: { type: "string", description: "desk-01 to desk-30, small-1 to small-5, chain-8 to chain-80" },
			seed: { type: "integer", description: "Seed of everything random in the world", default: 0 },
			jitter: { type: "boolean", description: "Times and receipt numbers in results", default: false },
			altered: { type: "string", description: "Name of a tool whose results are to look changed" },
			rescue: { type: "number", description: "Chance a call that a wrongly sent parcel comes back", default: 0 },
		},
		["task_id"],
		{ readOnlyHint: false, destructiveHint: true, idempotentHint: true },
		resetDesk,
	),
	control(
		"world_snapshot",
		"Keep the desk as it is now; answers with an id that every session of this server can restore.",
		{},
		[],
		{ readOnlyHint: false, destructiveHint: false, idempotentHint: false },
		(desk) => desk.snapshot(),
	),
	control(
		"world_restore",
		"Put this session's desk back to a snapshot.",
		{ snapshot_id: { type: "string", description: "Id that world_snapshot gave" } },
		["snapshot_id"],
		{ readOnlyHint: false, destructiveHint: true, idempotentHint: true },
		(desk, { snapshot_id: id }) => (typeof id === "string" ? desk.restore(id) : refuse("snapshot_id must be a string")),
	),
	control(
		"world_inspect",
		"The desk's state and which parts of it are as the task wants them.",
		{},
		[],
		{ readOnlyHint: true, destructiveHint: false, idempotentHint: true },
		(desk) => desk.inspect(),
	),
];

function resetDesk(desk: CallerDesk, args: Arguments): Answer {
	const { task_id: task, seed = 0, jitter, rescue, altered } = args;
	if (typeof task !== "string") return refuse("task_id must be a string");
	if (typeof seed !== "number" || !Number.isSafeInteger(seed)) return refuse("seed must be a whole number");
	const switches: Partial<SessionSwitches> = {};
	if (typeof jitter === "boolean") switches.jitter = jitter;
	else if (jitter !== undefined) return refuse("jitter must be true or false");
	if (typeof altered === "string") switches.altered = altered;
	else if (altered !== undefined) return refuse("altered must be a string");
	if (typeof rescue === "number" && rescue >= 0 && rescue <= 1) switches.rescue = rescue;
	else if (rescue !== undefined) return refuse("rescue must be a number from 0 to 1");
	return desk.reset(task, seed, switches);
}

function refuse(error: string): Answer {
	return { ok: false, error };
}

const TOOL_LIST: Tool[] = [...TOOLS.map(toolFor), ...CONTROLS.map((entry) => entry.tool)];
