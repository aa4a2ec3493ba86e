// What VS Code calls in its extension host: `@vscode/test-electron` and the served VS Code both look for `run`.
import { writeFileSync } from "node:fs";
import net from "node:net";
import { runTests, type TestResult } from "./registry.ts";

/** Runs the tests that the bundle around us has registered and writes their results to TRAJECTORY_TEST_RESULTS. */
export async function run(): Promise<void> {
	const file = process.env.TRAJECTORY_TEST_RESULTS;
	if (file === undefined) throw new Error("TRAJECTORY_TEST_RESULTS names no file");
	const results: TestResult[] = [];
	const unhandled = collectUnhandled();
	const connections = collectConnections();
	await runTests((result) => results.push(result));
	for (const reason of connections()) {
		results.push({ name: "nothing connects to another machine", status: "failed", milliseconds: 0, reason });
	}
	for (const reason of unhandled()) {
		results.push({ name: "no error goes unhandled", status: "failed", milliseconds: 0, reason });
	}
	writeFileSync(file, JSON.stringify(results));
	const failed = results.filter(({ status }) => status === "failed").length;
	if (failed > 0) throw new Error(`${failed} tests failed`);
}

/** Where the extension host connected to, but for this machine: the tests configure no address elsewhere. */
function collectConnections(): () => string[] {
	const found: string[] = [];
	const connect = net.Socket.prototype.connect;
	net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
		const [target] = given.flat() as [{ host?: string; path?: string } | number | string | undefined];
		const host = typeof target === "object" && target !== null ? (target.host ?? "localhost") : "localhost";
		if (!/^(?:localhost|127\.0\.0\.1|::1)$/.test(host)) found.push(`a connection to ${host}`);
		return Reflect.apply(connect, this, given) as net.Socket;
	} as typeof connect;
	return () => {
		net.Socket.prototype.connect = connect;
		return found;
	};
}

/** Rejections that nobody awaited, of our own code; VS Code's own extensions have theirs when offline. */
function collectUnhandled(): () => string[] {
	const found: string[] = [];
	const collect = (error: unknown) => {
		const stack = error instanceof Error ? (error.stack ?? "") : String(error);
		if (/extension\.cjs|[\\/]dist[\\/]test[\\/]/.test(stack)) found.push(stack);
	};
	process.on("unhandledRejection", collect);
	return () => {
		process.off("unhandledRejection", collect);
		return found;
	};
}
