// Small HTTP servers on loopback: starting, stopping, reading bodies, and refusing callers from elsewhere.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface RunningServer {
	/** For example http://127.0.0.1:7461 */
	url: string;
	close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const LOOPBACK = "127.0.0.1";
const LOCAL_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);
const CLOSE_MILLISECONDS = 500;

/** Serves on loopback; port 0 takes a free one. Rejects when the port cannot be had. */
export async function serveOnLoopback(port: number, handle: Handler): Promise<RunningServer> {
	const server = createServer((request, response) => {
		if (!isLocal(request)) {
			sendJson(response, 403, { error: { message: "only callers on this machine are served" } });
			return;
		}
		handle(request, response).catch((error: unknown) => {
			console.error(error);
			if (!response.headersSent)
				sendJson(response, 500, { error: { message: "internal error", type: "server_error" } });
			else response.destroy();
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, LOOPBACK, resolve);
	});
	const { port: actual } = server.address() as AddressInfo;
	return { url: `http://${LOOPBACK}:${actual}`, close: () => closeServer(server) };
}

/** A page that a browser shows under another name must not reach a server on loopback by rebinding that name. */
function isLocal(request: IncomingMessage): boolean {
	const host = (request.headers.host ?? "").replace(/:\d+$/, "");
	return LOCAL_NAMES.has(host);
}

async function closeServer(server: Server): Promise<void> {
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	server.closeIdleConnections();
	const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MILLISECONDS);
	await closed;
	clearTimeout(timer);
}

export function sendJson(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): void {
	const text = JSON.stringify(body);
	response.writeHead(status, {
		"content-type": "application/json",
		"content-length": Buffer.byteLength(text),
		...headers,
	});
	response.end(text);
}

export type Body = { ok: true; value: unknown } | { ok: false; status: 400 | 413; reason: string };

/** The body as JSON, read up to `limit` bytes. */
export async function readJson(request: IncomingMessage, limit: number): Promise<Body> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > limit) return { ok: false, status: 413, reason: `the body is larger than ${limit} bytes` };
		chunks.push(chunk);
	}
	try {
		return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
	} catch {
		return { ok: false, status: 400, reason: "the body is not JSON" };
	}
}
