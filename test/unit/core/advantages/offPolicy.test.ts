// How far the policies are apart, and what each clipping rule does to a step's tokens.
import { describe, expect, test } from "vitest";
import { clipBounds, clippedTerm } from "../../../../src/core/advantages/clipBounds.ts";
import {
	clipRuleById,
	k3,
	offPolicyOf,
	offPolicyOfRollout,
	uncertaintyOf,
	withBounds,
} from "../../../../src/core/advantages/offPolicy.ts";
import { tokenDetail } from "../../../../src/core/formats/fields.ts";
import type { TokenDetail } from "../../../../src/core/model/trajectory.ts";
import { rollout } from "../../../support/batches.ts";

function detail(logprobs: number[], trainerLogprobs: number[] | null, rest: Partial<TokenDetail> = {}): TokenDetail {
	return tokenDetail({ logprobs, trainerLogprobs, ...rest }) as TokenDetail;
}

const ratios = [0.7, 1, 1.25, 2.5];
const apart = rollout("t/0", {
	reward: 0,
	steps: [
		{
			tokenDetail: detail(
				[-1, -1, -1, -1],
				ratios.map((ratio) => Math.log(ratio) - 1),
			),
		},
		{ tokenDetail: detail([-1, -2], null) },
	],
});
const [step, unlogged] = apart.steps as [(typeof apart.steps)[number], (typeof apart.steps)[number]];

describe("a step whose sampler and trainer log-probabilities are logged", () => {
	const logs = ratios.map(Math.log);
	const mean = logs.reduce((sum, log) => sum + log, 0) / 4;

	test("mean and farthest log-ratio, k1 and k3", () => {
		const view = offPolicyOf(step, null, 0);
		expect(view?.tokens).toBe(4);
		expect(view?.meanLogRatio).toBeCloseTo(mean, 12);
		expect(view?.maxLogRatio).toBeCloseTo(Math.log(2.5), 12);
		expect(view?.k1).toBeCloseTo(-mean, 12);
		expect(view?.k3).toBeCloseTo(ratios.reduce((sum, ratio) => sum + k3(ratio), 0) / 4, 12);
	});

	test.each([
		[
			"a good step: only too high ratios are clipped",
			1,
			{ ppo: 0.5, "clip-higher": 0.25, "dual-clip": 0.5, gspo: 1, cispo: 0.25, tis: 0.25 },
		],
		[
			"a bad step: only too low ones are",
			-1,
			{ ppo: 0.25, "clip-higher": 0.25, "dual-clip": 0.25, gspo: 0, cispo: 0.25, tis: 0.25 },
		],
		[
			"no advantage: only weights can be judged",
			null,
			{ ppo: null, "clip-higher": null, "dual-clip": null, gspo: null, cispo: 0.25, tis: 0.25 },
		],
	])("%s", (_, advantage, shares) => {
		const [view] = offPolicyOfRollout(apart, () => advantage);
		expect(Object.fromEntries(view?.clipped ?? [])).toEqual(shares);
	});

	test("dual clip also stops a bad step whose ratio has run away: 5 with advantage -1 counts as 3", () => {
		expect(clippedTerm(-1, 5, { low: 0.8, high: 1.2 }, 3)).toEqual({ term: -3, flows: false });
		expect(clippedTerm(-1, 2, { low: 0.8, high: 1.2 }, 3)).toEqual({ term: -2, flows: true });
		const runaway = { ...step, tokenDetail: detail([-1], [Math.log(5) - 1]) };
		expect(offPolicyOf(runaway, -1, 0)?.clipped.get("dual-clip")).toBe(1);
	});

	test("bounds are the user's to choose", () => {
		const rule = withBounds(clipRuleById("ppo") as NonNullable<ReturnType<typeof clipRuleById>>, 0.1, 3);
		expect(offPolicyOf(step, 1, 0, [rule])?.clipped.get("ppo")).toBe(0);
	});

	test("masked tokens do not count", () => {
		const masked = { ...step, tokenDetail: detail([-1, -1], [-1, 5], { mask: [1, 0] }) };
		expect(offPolicyOf(masked, null, 0)).toMatchObject({ tokens: 1, meanLogRatio: 0 });
	});
});

test("nothing is said of a step without the trainer's log-probabilities", () => {
	expect(offPolicyOf(unlogged, 1, 0)).toBeNull();
	expect(offPolicyOfRollout(apart, () => 1)[1]).toBeNull();
});

test("entropy and surprisal are means over the step's own tokens", () => {
	const sure = { ...step, tokenDetail: detail([-1, -3, -9], null, { mask: [1, 1, 0], entropies: [0.5, 1.5, 9] }) };
	expect(uncertaintyOf(sure)).toEqual({ entropy: 1, surprisal: 2 });
	expect(uncertaintyOf({ ...step, tokenDetail: null })).toEqual({ entropy: null, surprisal: null });
});

test("k3 of the ratios in the literature: 0.5, 1, 2", () => {
	expect([0.5, 1, 2].map((ratio) => Number(k3(ratio).toFixed(4)))).toEqual([0.1931, 0, 0.3069]);
});

describe("error-localised clipping (ELPO)", () => {
	test("a token of ratio 0.72 with advantage -1 learns only under the looser bound", () => {
		expect(clippedTerm(-1, 0.72, { low: 0.8, high: 1.315 })).toEqual({ term: -0.8, flows: false });
		expect(clippedTerm(-1, 0.72, { low: 0.685, high: 1.315 })).toEqual({ term: -0.72, flows: true });
	});

	test("bounds are looser from the first irrecoverable step of a failed rollout on", () => {
		const failed = rollout("t/0", { reward: 0, steps: [{}, { role: "user" }, {}, {}] });
		expect(clipBounds(failed, 2).map((bounds) => bounds && [Number(bounds.low.toFixed(3)), bounds.loosened])).toEqual([
			[0.8, false],
			null,
			[0.685, true],
			[0.685, true],
		]);
		expect(clipBounds(failed, null).some((bounds) => bounds?.loosened)).toBe(false);
		expect(clipBounds(rollout("t/1", { reward: 1, steps: [{}] }), 0)[0]?.loosened).toBe(false);
	});
});
