// The numbers beside a step: which, in which order, and what stands where one is missing.
import { describe, expect, test } from "vitest";
import { INLINE_FACTS, inlineFacts, inlineText, USUAL_FACTS } from "../../../../src/core/document/inlineNumbers.ts";
import { tokenDetail } from "../../../../src/core/formats/fields.ts";
import { rollout } from "../../../support/batches.ts";

const [step, bare] = rollout("t/0", {
	steps: [
		{
			value: 0.61,
			reward: 0,
			tokenDetail: tokenDetail({ logprobs: [-1, -2], entropies: [0.5, 0.7] }),
		},
		{},
	],
}).steps as [never, never];
const numbers = { advantage: 0.42, reason: null, score: "P 0.90" };

describe("beside a step", () => {
	test("stand advantage with its bar, score, value and reward", () => {
		expect(inlineText(step, numbers, USUAL_FACTS)).toBe("A +0.42 ▮▯▯▯▯ | P 0.90 | V 0.61 | r 0");
	});

	test("stands what the user chose, in the user's order", () => {
		expect(inlineText(step, numbers, ["value", "advantage", "entropy", "surprisal"])).toBe(
			"V 0.61 | A +0.42 | H 0.6 | S 1.5",
		);
		expect(inlineText(step, numbers, ["bar"])).toBe("▮▯▯▯▯");
		expect(inlineText(step, numbers, [])).toBe("");
	});

	test("a bar is full at 2, empty at 0, and shows the size of a negative number as well", () => {
		const bars = [2.6, 1, 0.001, 0, -1].map((advantage) => inlineText(bare, { ...numbers, advantage }, ["bar"]));
		expect(bars).toEqual(["▮▮▮▮▮", "▮▮▮▯▯", "▮▯▯▯▯", "▯▯▯▯▯", "▮▮▮▯▯"]);
	});

	test("the reason stands where there is no advantage, and nothing where nothing is logged", () => {
		expect(inlineText(bare, { advantage: null, reason: "no signal", score: "" }, INLINE_FACTS)).toBe("A – no signal");
		expect(inlineText(bare, { advantage: null, reason: null, score: "" }, INLINE_FACTS)).toBe("");
	});
});

test("the setting: unknown entries are passed over, no list is the usual one", () => {
	expect(inlineFacts(["reward", "nonsense", 3, "bar"])).toEqual(["reward", "bar"]);
	expect(inlineFacts(undefined)).toBe(USUAL_FACTS);
	expect(inlineFacts([])).toEqual([]);
});
