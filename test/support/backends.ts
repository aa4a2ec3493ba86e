// Backends for tests: real MCP servers from npm, the practice world, and small servers that misbehave.
import path from "node:path";
import { onTestFinished } from "vitest";
import type { BackendSpec, HttpServer, StdioServer } from "../../src/core/replay/backendSpec.ts";
import type { Backend, BackendLimits } from "../../src/io/backends/backend.ts";
import { openBackend } from "../../src/io/backends/open.ts";
import { root } from "./paths.ts";

const base = { source: "test", environment: null, sandbox: false };

/** A program of Node's as an MCP server over stdio. */
export function nodeServer(name: string, args: string[]): StdioServer {
	return { ...base, name, kind: "mcp-stdio", command: process.execPath, args, env: {}, cwd: null };
}

/** One of the official reference servers. */
export function referenceServer(name: "filesystem" | "everything" | "memory", args: string[] = []): StdioServer {
	const program = path.join(root, "node_modules/@modelcontextprotocol", `server-${name}`, "dist/index.js");
	return nodeServer(name, [program, ...args]);
}

export function httpServer(name: string, url: string): HttpServer {
	return { ...base, name, kind: "mcp-http", url, headers: {} };
}

/** A server that answers as `answer` says: a JavaScript function of the request's method and id to a line, or null. */
export function oddServer(name: string, answer: string): StdioServer {
	const program = `
		const answer = ${answer};
		require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
			const { id, method } = JSON.parse(line);
			const out = answer(method, id);
			if (out !== null && out !== undefined) process.stdout.write(out + "\\n");
		});`;
	return nodeServer(name, ["-e", program]);
}

/** Opens a backend for one test; it is closed when the test is over. @throws the reason where it does not open */
export async function opened(spec: BackendSpec, limits?: BackendLimits): Promise<Backend> {
	const result = await openBackend(spec, new AbortController().signal, limits);
	if (!result.ok) throw new Error(result.error);
	onTestFinished(() => result.value.close());
	return result.value;
}
