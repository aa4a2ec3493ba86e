// The practice world: how long exact values take, how fast failures of each difficulty are made, how fast its agent answers, and
// whether conversations continued from every prefix of fifty rollouts agree with the exact values.
import { DEFAULT_OPTIONS, generateFailures, TaskRecorder } from "../../examples/practice/src/record/generate.ts";
import { PLAIN_SWITCHES } from "../../examples/practice/src/record/records.ts";
import { serveWorld } from "../../examples/practice/src/servers/world.ts";
import { childSeed } from "../../examples/practice/src/world/random.ts";
import { openingOf, playRollout } from "../../examples/practice/src/world/rollout.ts";
import { policyFor, SKILLS } from "../../examples/practice/src/world/skill.ts";
import { openState, succeeded } from "../../examples/practice/src/world/state.ts";
import { TASKS } from "../../examples/practice/src/world/taskList.ts";
import { ValueGraph } from "../../examples/practice/src/world/values.ts";
import { type Cell, cellOf, jointTest } from "../../examples/practice/test/support/statistics.ts";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";

const FAILURES = 500;
const REQUESTS = 2000;
/** Continuations of each prefix; PRACTICE_CONTINUATIONS=2000 takes some minutes. */
const CONTINUATIONS = Number(process.env.PRACTICE_CONTINUATIONS ?? 100);

function row(measure: string, value: number, unit: string): BenchmarkRow {
	return { measure, value, unit, baseline: null, ratio: null };
}

function measureValues(): BenchmarkRow[] {
	const start = performance.now();
	const graphs = TASKS.map((task) => {
		const graph = new ValueGraph(task, policyFor(task, { skill: "middle", slips: "all" }), PLAIN_SWITCHES);
		graph.value(openState(task));
		return graph;
	});
	const milliseconds = performance.now() - start;
	const states = graphs.reduce((sum, graph) => sum + graph.size, 0);
	return [
		row("exact values of all 30 tasks", milliseconds, "ms"),
		row("states of all 30 tasks", states, "states"),
		row("memory of the process with all of them", process.memoryUsage().rss / 1e6, "MB"),
	];
}

function measureFailures(): BenchmarkRow[] {
	return SKILLS.map((skill) => {
		const start = performance.now();
		const found = [...generateFailures(TASKS, FAILURES, { ...DEFAULT_OPTIONS, skill })].length;
		if (found < FAILURES) throw new Error(`only ${found} failures of skill ${skill}`);
		return row(
			`${FAILURES} failures in the bin of skill ${skill}, with truth`,
			(performance.now() - start) / 1000,
			"s",
		);
	});
}

async function measureEndpoint(): Promise<BenchmarkRow[]> {
	const world = await serveWorld({ mcpPort: 0, policyPort: 0, switches: PLAIN_SWITCHES, seed: 1 });
	try {
		const task = TASKS.at(-1)!;
		const policy = policyFor(task, { skill: "strong", slips: "all" });
		const { messages } = playRollout({ task, policy, seed: 1, switches: PLAIN_SWITCHES });
		const last = messages.findLastIndex((message) => message.role === "assistant");
		const first = await timesOf(world.policy, openingOf(task));
		const late = await timesOf(world.policy, messages.slice(0, last));
		return [
			row("answer of the agent, first step, median", first[REQUESTS >> 1]!, "ms"),
			row(`answer of the agent after ${last} messages, median`, late[REQUESTS >> 1]!, "ms"),
			row(`answer of the agent after ${last} messages, 99 of 100`, late[Math.floor(REQUESTS * 0.99)]!, "ms"),
		];
	} finally {
		await world.close();
	}
}

/** Sorted times of requests one after the other, connection and JSON included. */
async function timesOf(policy: string, messages: readonly object[]): Promise<number[]> {
	const body = JSON.stringify({ model: "desk-agent-middle", messages, logprobs: true, top_logprobs: 5 });
	const request = { method: "POST", headers: { "content-type": "application/json" }, body };
	const times: number[] = [];
	for (let index = -200; index < REQUESTS; index++) {
		const start = performance.now();
		await (await fetch(`${policy}/chat/completions`, request)).text();
		if (index >= 0) times.push(performance.now() - start);
	}
	return times.sort((left, right) => left - right);
}

/** Continues fifty rollouts from all of their prefixes, as conversations. */
function measureAgreement(): BenchmarkRow[] {
	const start = performance.now();
	const cells: Cell[] = [];
	let played = 0;
	for (let index = 0; index < 50; index++) {
		const skill = SKILLS[index % SKILLS.length]!;
		const recorder = new TaskRecorder(TASKS[(index * 3 + 1) % TASKS.length]!, { ...DEFAULT_OPTIONS, skill, seed: 41 });
		const { task, graph, options } = recorder;
		const { record, truth } = recorder.play(index)!;
		record.messages.forEach((message, length) => {
			if (message.role !== "assistant") return;
			const prefix = record.messages.slice(0, length);
			let successes = 0;
			for (let run = 0; run < CONTINUATIONS; run++) {
				const seed = childSeed(index * 1000 + length, run);
				const { state } = playRollout({ task, policy: graph.policy, seed, switches: options.switches, prefix });
				successes += Number(succeeded(task, state.desk, state.talk));
				played++;
			}
			cells.push(cellOf(truth.values[length - 1]!, CONTINUATIONS, successes));
		});
	}
	const { p, degrees, certain } = jointTest(cells);
	if (!certain || p < 0.001)
		throw new Error(`continuations disagree with the exact values: p = ${p}, certain outcomes ${certain}`);
	const seconds = (performance.now() - start) / 1000;
	return [
		row(`joint chi-square of ${degrees} prefixes, ${CONTINUATIONS} continuations each`, p, "p-value"),
		row("conversations played in a second", played / seconds, "a second"),
	];
}

const benchmark: Benchmark = {
	name: "Practice world",
	run: async () => [...measureValues(), ...measureFailures(), ...(await measureEndpoint()), ...measureAgreement()],
};
export default benchmark;
