// The commands of the practice world: generate logs with their truth, branch them, verify a rollout, serve the world.
import { access, readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeRollouts } from "./record/files.ts";
import {
	DEFAULT_OPTIONS,
	type Generated,
	type GenerateOptions,
	generateFailures,
	generateGroups,
	recordGroups,
	TaskRecorder,
} from "./record/generate.ts";
import { drawTree } from "./record/picture.ts";
import type { RolloutRecord, Switches } from "./record/records.ts";
import { serveStdio } from "./servers/mcpStdio.ts";
import { MODELS } from "./servers/models.ts";
import { serveWorld } from "./servers/world.ts";
import type { Selection } from "./world/kinds.ts";
import { type Message, stateOf, taskOf } from "./world/messages.ts";
import { isSkill } from "./world/skill.ts";
import { findTask, TASKS } from "./world/taskList.ts";
import type { Task } from "./world/tasks.ts";
import { verify } from "./world/verifier.ts";

const USAGE = `practice COMMAND [options]

  generate   rollouts of tasks in groups of k, with their truth beside them
  record     the same rollouts, played by the served parts over their protocols
  failures   failures whose value before the irrecoverable step lies in the bin of the skill
  branch     continuations of a prefix of a recorded rollout
  demo       the demo workspace's rollouts: 30 tasks x 8, written where they are missing
  serve      tools (MCP), agent and customer (chat completions) and verifier, on loopback until Ctrl+C
  picture    the first k rollouts of a task as a tree with exact values (SVG)
  verify     judge one rollout (a JSON file, "-" for standard input); prints {reward, components}

  --out FILE             where to write (generate, failures, branch); truth goes to truth/NAME.truth.jsonl beside it
  --tasks LIST           all, develop, held-out, or ids separated by commas (desk-01..desk-30, small-1..5, chain-8..chain-80)
  -k, --k N              rollouts a task, or continuations                             [8]
  --count N              failures wanted                                               [500]
  --seed N               [1]
  --skill NAME           weak, middle or strong                                        [middle]
  --slips NAME           kinds of slips that happen: all, develop or held-out          [all]
  --budget N             steps allowed instead of the tasks' own
  --temperature T        [1]
  --jitter               times and receipt numbers in results
  --altered TOOL         results of this tool look changed
  --rescue P             chance a call that a wrongly sent parcel comes back           [0]
  --verifier-noise FP,FN chances that a failure is rewarded and a success is not       [0,0]
  --mcp-port N, --policy-port N    0 takes a free one (serve)                          [7461, 7462]
  --stdio [--task ID]    only the tools, over standard input and output (serve)
  --log FILE --rollout ID --messages N    what to branch (branch)
`;

const OPTIONS = {
	out: { type: "string" },
	tasks: { type: "string", default: "all" },
	k: { type: "string", short: "k", default: "8" },
	count: { type: "string", default: "500" },
	seed: { type: "string", default: "1" },
	skill: { type: "string", default: DEFAULT_OPTIONS.skill },
	slips: { type: "string", default: DEFAULT_OPTIONS.slips },
	budget: { type: "string" },
	temperature: { type: "string", default: "1" },
	jitter: { type: "boolean", default: false },
	altered: { type: "string" },
	rescue: { type: "string", default: "0" },
	"verifier-noise": { type: "string", default: "0,0" },
	"mcp-port": { type: "string", default: "7461" },
	"policy-port": { type: "string", default: "7462" },
	stdio: { type: "boolean", default: false },
	task: { type: "string" },
	log: { type: "string" },
	rollout: { type: "string" },
	messages: { type: "string" },
	help: { type: "boolean", default: false },
} as const;

/** Wrong use of the command line: its message is for the person who typed it. */
class UsageError extends Error {}

type Values = ReturnType<typeof readValues>["values"];

function readValues(args: string[]) {
	try {
		return parseArgs({ args, options: OPTIONS, allowPositionals: true });
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

function numberIn(name: string, text: string, from: number, to: number): number {
	const value = Number(text);
	if (text.trim() === "" || !(value >= from && value <= to)) {
		throw new UsageError(`--${name} must be a number from ${from} to ${to}, not "${text}"`);
	}
	return value;
}

function wholeIn(name: string, text: string, from: number, to: number): number {
	const value = numberIn(name, text, from, to);
	if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number, not "${text}"`);
	return value;
}

function switchesIn(values: Values): Switches {
	const rates = values["verifier-noise"].split(",");
	if (rates.length !== 2) throw new UsageError("--verifier-noise takes two numbers with a comma between them");
	return {
		jitter: values.jitter,
		altered: values.altered ?? null,
		rescue: numberIn("rescue", values.rescue, 0, 1),
		falsePositive: numberIn("verifier-noise", rates[0]!, 0, 1),
		falseNegative: numberIn("verifier-noise", rates[1]!, 0, 1),
	};
}

function optionsIn(values: Values): GenerateOptions {
	if (!isSkill(values.skill)) throw new UsageError(`--skill must be weak, middle or strong, not "${values.skill}"`);
	return {
		seed: wholeIn("seed", values.seed, 0, 0x7fffffff),
		skill: values.skill,
		slips: selectionIn(values.slips),
		switches: switchesIn(values),
		temperature: numberIn("temperature", values.temperature, 0, 2),
		...(values.budget === undefined ? {} : { budget: wholeIn("budget", values.budget, 1, 500) }),
	};
}

function selectionIn(name: string): Selection {
	if (name === "all" || name === "develop" || name === "held-out") return name;
	throw new UsageError(`--slips must be all, develop or held-out, not "${name}"`);
}

function tasksIn(list: string): readonly Task[] {
	if (list === "all") return TASKS;
	if (list === "develop" || list === "held-out") return TASKS.filter((task) => task.split === list);
	return list.split(",").map((id) => {
		const task = findTask(id);
		if (task === null) throw new UsageError(`there is no task "${id}"`);
		return task;
	});
}

function outIn({ out }: Pick<Values, "out">): string {
	if (out === undefined) throw new UsageError("--out FILE is missing");
	return out;
}

async function write(
	values: Pick<Values, "out">,
	rollouts: Iterable<Generated> | AsyncIterable<Generated>,
): Promise<void> {
	const written = await writeRollouts(outIn(values), rollouts);
	const size = (written.bytes / 1e6).toFixed(2);
	console.log(`${written.log}: ${written.rollouts} rollouts, ${written.successes} successes, ${size} MB`);
	console.log(`${written.truth}: their truth`);
}

async function record(values: Values): Promise<void> {
	const options = optionsIn(values);
	const { switches, seed } = options;
	if (options.temperature !== 1) throw new UsageError("record plays at temperature 1");
	const world = await serveWorld({ mcpPort: 0, policyPort: 0, switches, seed });
	try {
		await write(values, recordGroups(world, tasksIn(values.tasks), wholeIn("k", values.k, 1, 100_000), options));
	} finally {
		await world.close();
	}
}

const DEMO_LOG = fileURLToPath(new URL("../../workspace/practice/rollouts.jsonl", import.meta.url));

/** The demo's log is generated, not kept: it is the same everywhere and larger than the code that makes it. */
export async function writeDemo(): Promise<void> {
	const there = await access(DEMO_LOG).then(
		() => true,
		() => false,
	);
	if (!there) await write({ out: DEMO_LOG }, generateGroups(TASKS, 8, DEFAULT_OPTIONS));
}

async function branch(values: Values): Promise<void> {
	const { log, rollout } = values;
	if (log === undefined || rollout === undefined || values.messages === undefined) {
		throw new UsageError("branch needs --log FILE, --rollout ID and --messages N");
	}
	const record = await findRecord(log, rollout);
	const task = findTask(record.task_id);
	if (task === null) throw new UsageError(`${log}: rollout ${rollout} is of no task of the practice world`);
	const shared = wholeIn("messages", values.messages, 2, record.messages.length);
	const recorder = new TaskRecorder(task, optionsIn(values));
	const numbers = Array.from({ length: wholeIn("k", values.k, 1, 100_000) }, (_, index) => index);
	await write(
		values,
		numbers.map((number) => recorder.branch(record, shared, number)),
	);
}

async function findRecord(log: string, id: string): Promise<RolloutRecord> {
	for (const line of (await readText(log)).split("\n")) {
		if (line.trim() === "") continue;
		const record = parseJson(log, line) as RolloutRecord;
		if (record?.rollout_id === id) return record;
	}
	throw new UsageError(`${log} has no rollout ${id}`);
}

async function readText(path: string): Promise<string> {
	try {
		return path === "-" ? await text(process.stdin) : await readFile(path, "utf8");
	} catch (error) {
		throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function parseJson(path: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new UsageError(`${path} is not JSON`);
	}
}

async function drawPicture(values: Values): Promise<void> {
	const tasks = tasksIn(values.tasks);
	if (tasks.length !== 1) throw new UsageError("picture takes one task: --tasks ID");
	await writeFile(outIn(values), drawTree(tasks[0]!, wholeIn("k", values.k, 1, 64), optionsIn(values)));
}

async function serve(values: Values): Promise<void> {
	const switches = switchesIn(values);
	const seed = wholeIn("seed", values.seed, 0, 0x7fffffff);
	if (values.stdio) {
		if (values.task !== undefined && findTask(values.task) === null)
			throw new UsageError(`there is no task "${values.task}"`);
		await serveStdio({ task: values.task ?? null, seed, switches });
		return;
	}
	const mcpPort = wholeIn("mcp-port", values["mcp-port"], 0, 65_535);
	const policyPort = wholeIn("policy-port", values["policy-port"], 0, 65_535);
	const world = await serveWorld({ mcpPort, policyPort, switches, seed }).catch((error: unknown) => {
		if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
		throw new UsageError(
			`${(error as Error).message}; choose others with --mcp-port and --policy-port (0 takes a free one)`,
		);
	});
	console.log(`tools (MCP)              ${world.tools}`);
	console.log(`agent, customer (OpenAI) ${world.policy}`);
	console.log(`verifier                 ${world.verifier}`);
	console.log(`models                   ${[...MODELS.keys()].join(", ")}`);
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.once(signal, () => void world.close().then(() => process.exit(0)));
	}
}

async function verifyFile(values: Values, path: string | undefined): Promise<void> {
	if (path === undefined) throw new UsageError("verify needs a file");
	const rollout = parseJson(path, await readText(path)) as { messages?: Message[]; seed?: number } | null;
	const messages = rollout?.messages;
	if (!Array.isArray(messages)) throw new UsageError(`${path} has no messages`);
	const task = taskOf(messages);
	if (task === null) throw new UsageError(`${path} is of no task of the practice world`);
	const switches = switchesIn(values);
	const state = stateOf(task, messages, switches);
	const { reward, components } = verify(task, state, switches, rollout?.seed ?? 0);
	console.log(JSON.stringify({ reward, components }));
}

async function dispatch(args: string[]): Promise<void> {
	const { values, positionals } = readValues(args);
	const [command, file] = positionals;
	if (values.help || command === undefined) {
		console.log(USAGE);
		return;
	}
	switch (command) {
		case "generate":
			return write(
				values,
				generateGroups(tasksIn(values.tasks), wholeIn("k", values.k, 1, 100_000), optionsIn(values)),
			);
		case "record":
			return record(values);
		case "failures":
			return write(
				values,
				generateFailures(tasksIn(values.tasks), wholeIn("count", values.count, 1, 1_000_000), optionsIn(values)),
			);
		case "branch":
			return branch(values);
		case "demo":
			return writeDemo();
		case "serve":
			return serve(values);
		case "picture":
			return drawPicture(values);
		case "verify":
			return verifyFile(values, file);
		default:
			throw new UsageError(`there is no command "${command}"\n\n${USAGE}`);
	}
}

/** Runs a command line. Wrong use is told on standard error and sets exit code 2. */
export async function runCommand(args: string[]): Promise<void> {
	try {
		await dispatch(args);
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		console.error(error.message);
		process.exitCode = 2;
	}
}
