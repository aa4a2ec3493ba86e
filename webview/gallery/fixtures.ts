// Groups for the gallery: the demo's own log, and drawn or generated ones for everything that it does not show.
import { collectProblems } from "../../src/core/formats/format.ts";
import { openaiChat } from "../../src/core/formats/openaiChat.ts";
import { blankRollout, blankStep, call, observation } from "../../src/core/model/create.ts";
import type { JsonValue } from "../../src/core/model/json.ts";
import { outcomeOfReward } from "../../src/core/model/outcome.ts";
import type { Rollout, Step } from "../../src/core/model/trajectory.ts";
import type { KeyedRollout } from "../../src/core/tree/merge.ts";

/** The rollouts of a log in chat messages, one a line. Lines are cut here: the product's scanner needs WebAssembly, which pages must not have. */
export function readLog(text: string, name: string): KeyedRollout[] {
	const { problem } = collectProblems();
	const context = { file: name, header: null, companions: new Map(), locate: false, problem };
	const lines = text.split("\n").filter((line) => line.trim() !== "");
	return lines.flatMap((line, ordinal) => {
		const place = { file: name, entry: null, start: 0, end: line.length, line: ordinal + 1, pointer: "" };
		const record = { value: JSON.parse(line) as JsonValue, place, bytes: new Uint8Array(0), ordinal };
		return openaiChat.readRecord(record, context).map((rollout) => ({ key: `${name}#${ordinal}`, rollout }));
	});
}

const place = { file: "gallery.jsonl", entry: null, start: 0, end: 0, line: 1, pointer: "" };

export function galleryRollout(id: string, task: string, steps: Step[], reward: number | null): KeyedRollout {
	const rollout: Rollout = { ...blankRollout(place, id, task), steps, reward, outcome: outcomeOfReward(reward) };
	return { key: `gallery.jsonl#${id}`, rollout };
}

export function galleryStep(number: number, fields: Partial<Step>): Step {
	return { ...blankStep({ ...place, index: number }, fields.role ?? "agent"), step: number, ...fields };
}

export function callStep(number: number, tool: string, value: string, answer: string, isError = false): Step {
	return galleryStep(number, {
		calls: [call(tool, { value }, `c${number}`)],
		observations: [observation(answer, { callId: `c${number}`, isError })],
	});
}

/** Numbers between 0 and 1 that are the same on every machine (mulberry32). */
export function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const TOOLS = [
	"search_parts",
	"read_manual",
	"open_ticket",
	"run_test",
	"edit_config",
	"think",
	"browse_forum",
	"submit",
];

export interface GeneratedGroup {
	rollouts: number;
	steps: number;
	/** Chance that an attempt does what most others do at its point. */
	agreement: number;
	seed: number;
}

/**
 * Attempts that part more and more: at each point most do the usual thing. Whoever leaves the usual way early fails
 * more often. Step objects are shared between attempts, so that the largest groups fit into a page's memory.
 */
export function generatedGroup({ rollouts, steps, agreement, seed }: GeneratedGroup): KeyedRollout[] {
	const next = random(seed);
	const shared = new Map<string, Step>();
	const stepFor = (number: number, choice: number) => {
		const key = `${number} ${choice}`;
		let step = shared.get(key);
		if (step === undefined) {
			const tool = TOOLS[(number * 5 + choice) % TOOLS.length] as string;
			step = callStep(number, tool, `part ${choice}`, choice === 3 ? "error: not found" : "found", choice === 3);
			shared.set(key, step);
		}
		return step;
	};
	return Array.from({ length: rollouts }, (_, index) => {
		const length = Math.max(2, Math.round(steps * (0.7 + 0.3 * next())));
		let leftAt = length;
		const taken = Array.from({ length }, (_, number) => {
			const usual = next() < agreement;
			if (!usual) leftAt = Math.min(leftAt, number);
			return stepFor(number, usual ? 0 : 1 + Math.floor(next() * 5));
		});
		const solved = next() < 0.15 + 0.75 * (leftAt / length);
		return galleryRollout(`r${index}`, "generated", taken, solved ? 1 : 0);
	});
}
