// Every estimator against values that vectors.py worked out independently from the published definitions.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Batch } from "../../../src/core/advantages/batch.ts";
import { type Estimator, type EstimatorOptions, readingAt } from "../../../src/core/advantages/estimator.ts";
import { ESTIMATORS } from "../../../src/core/advantages/registry.ts";
import type { Rollout, Step, TokenDetail } from "../../../src/core/model/trajectory.ts";
import { batchFrom, rollout } from "../../support/batches.ts";

interface VectorStep {
	acts: boolean;
	reward?: number | null;
	value?: number;
	state?: string;
	policy?: number;
	reference?: number;
	entropy?: number;
	logged?: number | null;
}

interface VectorRollout {
	id: string;
	reward: number | null;
	parent?: string | null;
	branchStep?: number | null;
	length?: number;
	condition?: string;
	greedy?: number;
	steps: VectorStep[];
}

interface Vector {
	estimator: string;
	set: Record<string, number | string>;
	input: string;
	/** By rollout id, or by `rollout id#step`. */
	values: Record<string, number | null>;
}

const data = JSON.parse(readFileSync(new URL("../data/advantages.json", import.meta.url), "utf8")) as {
	inputs: Record<string, VectorRollout[]>;
	vectors: Vector[];
};

function toRollout(input: VectorRollout): Rollout {
	return rollout(input.id, {
		reward: input.reward,
		parent: input.parent ?? null,
		branchStep: input.branchStep ?? null,
		relation: input.parent == null ? null : "branch",
		tokens:
			input.length === undefined ? null : { prompt: null, completion: input.length, cached: null, reasoning: null },
		extra: {
			...(input.condition === undefined ? {} : { condition: input.condition }),
			...(input.greedy === undefined ? {} : { greedy_reward: input.greedy }),
		},
		steps: input.steps.map(toStep),
	});
}

function toStep(input: VectorStep): Partial<Step> {
	return {
		role: input.acts ? "agent" : "environment",
		// what others say is the same everywhere, so that only how much was said distinguishes the states after it
		text: input.acts ? "acts" : "a word",
		reward: input.reward ?? null,
		value: input.value ?? null,
		state: input.acts ? (input.state ?? null) : null,
		advantage: input.logged ?? null,
		tokenDetail: tokens(input),
	};
}

function tokens({ policy, reference, entropy }: VectorStep): TokenDetail | null {
	if (policy === undefined && entropy === undefined) return null;
	const one = (value: number | undefined) => (value === undefined ? null : [value]);
	return {
		ids: null,
		logprobs: one(policy),
		trainerLogprobs: null,
		referenceLogprobs: one(reference),
		mask: null,
		advantages: null,
		rewards: null,
		values: null,
		entropies: one(entropy),
	};
}

const batches = new Map(Object.entries(data.inputs).map(([name, input]) => [name, batchFrom(input.map(toRollout))]));

/** What the product says at the place that a vector's key names. */
function valueAt(batch: Batch, estimator: Estimator, options: EstimatorOptions): (place: string) => number | null {
	const advantages = estimator.compute(batch, options);
	const byId = new Map(batch.members.map((member, index) => [member.rollout, index]));
	return (place) => {
		const [id = "", step] = place.split("#");
		const index = byId.get(id) as number;
		const at = { rollout: index, step: step === undefined ? null : (batch.stepStart[index] as number) + Number(step) };
		const reading = readingAt(batch, advantages, at);
		expect(reading.value === null, `${place}: a number or a reason`).toBe(reading.reason !== null);
		return reading.value;
	};
}

describe.each(ESTIMATORS.map((estimator) => [estimator.id, estimator] as const))("%s", (id, estimator) => {
	const vectors = data.vectors.filter((vector) => vector.estimator === id);

	test("has at least three vectors", () => {
		expect(vectors.length).toBeGreaterThanOrEqual(3);
	});

	test.each(vectors.map((vector) => [vector.input, vector.set, vector] as const))("%s %j", (input, set, vector) => {
		const readAt = valueAt(batches.get(input) as Batch, estimator, { set, force: true });
		for (const [place, wanted] of Object.entries(vector.values)) {
			const value = readAt(place);
			if (wanted === null) expect(value, place).toBeNull();
			else expect(value, place).toBeCloseTo(wanted, 9);
		}
	});
});
