// Child processes that end when we do, and commands whose output is shown only when they fail.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

const killAfterMilliseconds = 4000;
const commands = new Set<ChildProcess>();

process.on("exit", () => {
	for (const child of commands) child.kill("SIGTERM");
});

const stops: (() => Promise<void>)[] = [];

/**
 * From now on Ctrl+C and its like end this process with `exitCode`, after every `stop` that was given so far, the
 * last first. Running commands end as well.
 */
export function stopOnSignal(exitCode: number, stop: () => Promise<void> = async () => {}): void {
	if (stops.push(stop) > 1) return;
	// Later signals change nothing: npm and the terminal may both send the same one.
	let stopping = false;
	const stopAll = async () => {
		if (stopping) return;
		stopping = true;
		for (const step of stops.reverse()) await step();
		process.exit(exitCode);
	};
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stopAll);
}

/** Asks a process, or with `group` its whole process group, to end, and kills what does not. */
export async function stopProcess(child: ChildProcess, group = false): Promise<void> {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, "exit");
	const timer = setTimeout(() => signalProcess(child, group, "SIGKILL"), killAfterMilliseconds);
	signalProcess(child, group, "SIGTERM");
	await ended;
	clearTimeout(timer);
}

function signalProcess(child: ChildProcess, group: boolean, signal: NodeJS.Signals): void {
	if (child.pid === undefined) return;
	try {
		if (group && process.platform !== "win32") process.kill(-child.pid, signal);
		else child.kill(signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}

export interface CommandOptions extends SpawnOptions {
	/** What is happening, for the heartbeat lines and the error. */
	readonly title: string;
}

/** Runs a command to its end, with a line every 10 seconds. @throws with its output when it fails */
export async function runCommand(command: string, parameters: string[], options: CommandOptions): Promise<string> {
	const { title, ...spawnOptions } = options;
	const child = spawn(command, parameters, { ...spawnOptions, stdio: ["ignore", "pipe", "pipe"] });
	commands.add(child);
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding("utf8");
		stream?.on("data", (text: string) => {
			output += text;
		});
	}
	const stopHeartbeat = heartbeat(title);
	try {
		const [code] = await once(child, "close");
		if (code !== 0) throw new Error(`${title}: exit code ${code}\n${output.trim()}`);
		return output;
	} finally {
		commands.delete(child);
		stopHeartbeat();
	}
}

/** The command line of npm: the one that started us, or the one on the PATH. */
export function npmCommand(): { command: string; parameters: string[]; shell: boolean } {
	const script = process.env.npm_execpath;
	if (script?.endsWith(".js")) return { command: process.execPath, parameters: [script], shell: false };
	return { command: "npm", parameters: [], shell: process.platform === "win32" };
}

export async function runNpm(parameters: string[], options: CommandOptions): Promise<string> {
	const npm = npmCommand();
	return runCommand(npm.command, [...npm.parameters, ...parameters], { ...options, shell: npm.shell });
}

/** Prints every 10 seconds that `title` goes on, until the returned function is called. */
export function heartbeat(title: string): () => void {
	const started = Date.now();
	const timer = setInterval(() => console.log(`  ${title}, ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
	return () => clearInterval(timer);
}
