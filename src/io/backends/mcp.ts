// Tools of an MCP server, over stdio or streamable HTTP, through the official SDK.
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { asArray, asObject, asString, type JsonValue, member } from "../../core/model/json.ts";
import { fail, type Result, succeed } from "../../core/model/problem.ts";
import type { HttpServer, StdioServer } from "../../core/replay/backendSpec.ts";
import { readHints } from "../../core/replay/effectClass.ts";
import type { ToolAnswer } from "../../core/replay/execute.ts";
import { argumentsObject, type Backend, type BackendLimits, NO_OBJECT, type OfferedTool } from "./backend.ts";
import { fetchWithin } from "./fetchWithin.ts";

/** A server that pages its tools for ever is cut off here. */
const MOST_PAGES = 50;
const MOST_COMPLAINTS = 2000;

interface Connection {
	client: Client;
	transport: Transport;
	/** The end of what the server wrote to standard error: why it crashed, often. */
	complaints(): string;
}

export async function openMcp(
	spec: StdioServer | HttpServer,
	signal: AbortSignal,
	limits: BackendLimits,
): Promise<Result<Backend, string>> {
	const connection = await connectionTo(spec, limits);
	const { client, transport } = connection;
	const options = { signal, timeout: limits.milliseconds };
	try {
		await client.connect(transport, options);
		const tools = await offeredTools(client, options);
		return succeed({
			spec,
			tools,
			call: (tool, args, callSignal) => callTool(connection, tool, args, { ...options, signal: callSignal }),
			close: () => client.close(),
		});
	} catch (error) {
		await client.close().catch(() => {});
		return fail(`${spec.name}: ${reasonWith(error, connection)}`);
	}
}

async function connectionTo(spec: StdioServer | HttpServer, limits: BackendLimits): Promise<Connection> {
	const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
	const client = new Client({ name: "trajectory-debugger", version: "1" });
	if (spec.kind === "mcp-http") {
		const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
		const transport = new StreamableHTTPClientTransport(new URL(spec.url), {
			requestInit: { headers: spec.headers },
			fetch: (url, init) => fetchWithin(String(url), init ?? {}, limits.bytes),
			reconnectionOptions: {
				maxRetries: 1,
				initialReconnectionDelay: 500,
				maxReconnectionDelay: 2000,
				reconnectionDelayGrowFactor: 2,
			},
		});
		return { client, transport: transport as Transport, complaints: () => "" };
	}
	const { getDefaultEnvironment, StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
	const transport = new StdioClientTransport({
		command: spec.command,
		args: spec.args,
		env: { ...getDefaultEnvironment(), ...spec.env },
		stderr: "pipe",
		maxBufferSize: limits.bytes,
		...(spec.cwd === null ? {} : { cwd: spec.cwd }),
	});
	let complaints = "";
	transport.stderr?.on("data", (piece: Buffer) => {
		complaints = (complaints + piece.toString("utf8")).slice(-MOST_COMPLAINTS);
	});
	return { client, transport, complaints: () => complaints };
}

interface CallOptions {
	signal: AbortSignal;
	timeout: number;
}

async function offeredTools(client: Client, options: CallOptions): Promise<Map<string, OfferedTool>> {
	const tools = new Map<string, OfferedTool>();
	let cursor: string | undefined;
	for (let page = 0; page < MOST_PAGES; page++) {
		const answer = await client.listTools(cursor === undefined ? {} : { cursor }, options);
		for (const tool of answer.tools) {
			const parameters = asObject(tool.inputSchema as unknown as JsonValue);
			const hints = readHints(tool.annotations as unknown as JsonValue | undefined);
			tools.set(tool.name, { name: tool.name, description: tool.description ?? null, parameters, hints });
		}
		cursor = answer.nextCursor;
		if (cursor === undefined) break;
	}
	return tools;
}

/** Codes of the SDK's own: nothing came from the server. */
const CONNECTION_CLOSED = -32000;
const REQUEST_TIMEOUT = -32001;

async function callTool(
	connection: Connection,
	tool: string,
	args: JsonValue,
	options: CallOptions,
): Promise<ToolAnswer> {
	const object = argumentsObject(args);
	if (object === null) return { kind: "failed", reason: NO_OBJECT };
	try {
		const result = await connection.client.callTool({ name: tool, arguments: object }, undefined, options);
		return { kind: "result", text: textOf(result as unknown as JsonValue), isError: result.isError === true };
	} catch (error) {
		if (options.signal.aborted) return { kind: "failed", reason: "cancelled" };
		const code = (error as { code?: unknown }).code;
		// an error of the protocol is what the agent was shown, in the protocol's words
		if (typeof code === "number" && code < 0 && code !== CONNECTION_CLOSED && code !== REQUEST_TIMEOUT)
			return { kind: "result", text: (error as Error).message, isError: true };
		return { kind: "failed", reason: reasonWith(error, connection) };
	}
}

/** Text parts one below the other; other parts by kind and size, because their bytes are not compared. */
function textOf(result: JsonValue): string {
	const parts = asArray(member(result, "content")) ?? [];
	const structured = member(result, "structuredContent");
	if (parts.length === 0 && structured !== undefined) return JSON.stringify(structured);
	return parts.map(partText).join("\n");
}

function partText(part: JsonValue): string {
	const text = asString(member(part, "text")) ?? asString(member(member(part, "resource"), "text"));
	if (text !== null) return text;
	const data = asString(member(part, "data")) ?? asString(member(member(part, "resource"), "blob")) ?? "";
	const type = asString(member(part, "mimeType")) ?? asString(member(part, "uri")) ?? "";
	return `[${asString(member(part, "type")) ?? "part"} ${type} ${data.length} characters]`;
}

function reasonWith(error: unknown, connection: Connection): string {
	const message = error instanceof Error ? error.message : String(error);
	const complaints = connection.complaints().trim();
	return complaints === "" ? message : `${message}; the server wrote: ${complaints.slice(-500)}`;
}
