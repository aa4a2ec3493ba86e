// Groups of any size for the tree's benchmark: attempts that part more and more.
import { blankRollout, blankStep, call, observation } from "../../../src/core/model/create.ts";
import { outcomeOfReward } from "../../../src/core/model/outcome.ts";
import type { Step } from "../../../src/core/model/trajectory.ts";
import type { KeyedRollout } from "../../../src/core/tree/merge.ts";

export interface GroupShape {
	rollouts: number;
	steps: number;
	/** Chance that an attempt does what most others do at its point. */
	agreement: number;
	seed: number;
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
const place = { file: "bench.jsonl", entry: null, start: 0, end: 0, line: 1, pointer: "" };

export function generateGroup({ rollouts, steps, agreement, seed }: GroupShape): KeyedRollout[] {
	const next = random(seed);
	const answer = "a line of the answer that the tool gave. ".repeat(12);
	return Array.from({ length: rollouts }, (_, index) => {
		let usualSteps = 0;
		const taken = Array.from({ length: steps }, (_, number): Step => {
			const usual = next() < agreement;
			if (usual) usualSteps++;
			const choice = usual ? 0 : 1 + Math.floor(next() * 5);
			const step = blankStep({ ...place, index: number }, "agent");
			return {
				...step,
				step: number,
				reasoning: "I look at what came back and decide what to do next.",
				calls: [
					call(
						TOOLS[(number * 5 + choice) % TOOLS.length] as string,
						{ part: `part ${choice}`, attempt: number },
						`c${number}`,
					),
				],
				observations: [observation(answer, { callId: `c${number}` })],
			};
		});
		const reward = next() < usualSteps / steps ? 1 : 0;
		const rollout = {
			...blankRollout(place, `r${index}`, "bench"),
			steps: taken,
			reward,
			outcome: outcomeOfReward(reward),
		};
		return { key: `bench.jsonl#${index}`, rollout };
	});
}

/** Numbers between 0 and 1 that are the same on every machine (mulberry32). */
function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
