// The MCP server over streamable HTTP: a desk for every session, on loopback.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { SessionSwitches } from "../world/session.ts";
import { CallerDesk, SnapshotStore } from "./desks.ts";
import { type RunningServer, sendJson, serveOnLoopback } from "./http.ts";
import { mcpServerFor } from "./mcp.ts";

const PATH = "/mcp";
/** Sessions that nobody closed: the one unused for longest goes first. */
const MOST_SESSIONS = 512;

/** Serves the desk at `<url>/mcp`; `?task=desk-01&seed=1` in the address opens that ticket for a new session. */
export async function serveMcp(port: number, switches: SessionSwitches): Promise<RunningServer> {
	const snapshots = new SnapshotStore();
	const sessions = new Map<string, StreamableHTTPServerTransport>();
	const running = await serveOnLoopback(port, async (request, response) => {
		const url = new URL(request.url ?? "/", "http://desk");
		if (url.pathname !== PATH) {
			sendJson(response, 404, { error: { message: `the desk is at ${PATH}` } });
			return;
		}
		await answer(sessions, () => openTransport(sessions, snapshots, switches, url), request, response);
	});
	const close = async () => {
		await Promise.all([...sessions.values()].map((transport) => transport.close()));
		await running.close();
	};
	return { url: `${running.url}${PATH}`, close };
}

async function answer(
	sessions: Map<string, StreamableHTTPServerTransport>,
	open: () => Promise<StreamableHTTPServerTransport>,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const id = request.headers["mcp-session-id"];
	if (id === undefined) {
		// A transport that never gets an initialize request answers 400 itself and is dropped.
		await (await open()).handleRequest(request, response);
		return;
	}
	const transport = sessions.get(String(id));
	if (transport === undefined) {
		sendJson(response, 404, { jsonrpc: "2.0", error: { code: -32001, message: "Session not found" }, id: null });
		return;
	}
	sessions.delete(String(id));
	sessions.set(String(id), transport);
	await transport.handleRequest(request, response);
}

async function openTransport(
	sessions: Map<string, StreamableHTTPServerTransport>,
	snapshots: SnapshotStore,
	switches: SessionSwitches,
	url: URL,
): Promise<StreamableHTTPServerTransport> {
	const transport = new StreamableHTTPServerTransport({
		sessionIdGenerator: randomUUID,
		enableJsonResponse: true,
		onsessioninitialized: (id) => {
			sessions.set(id, transport);
			if (sessions.size <= MOST_SESSIONS) return;
			const [oldest, unused] = sessions.entries().next().value!;
			sessions.delete(oldest);
			void unused.close();
		},
		onsessionclosed: (id) => {
			sessions.delete(id);
		},
	});
	const desk = new CallerDesk(snapshots, switches);
	const task = url.searchParams.get("task");
	if (task !== null) desk.reset(task, Number(url.searchParams.get("seed") ?? 0) || 0);
	await mcpServerFor(desk).connect(transport as Parameters<ReturnType<typeof mcpServerFor>["connect"]>[0]);
	return transport;
}
