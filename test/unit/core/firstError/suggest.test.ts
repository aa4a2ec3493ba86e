// Where the first error is suggested, and where the honest answer is that there is not enough evidence.
import { describe, expect, test } from "vitest";
import { type Suggestion, suggestFirstErrors } from "../../../../src/core/firstError/suggest.ts";
import type { Rollout } from "../../../../src/core/model/trajectory.ts";
import { draw } from "../../../support/rollouts.ts";

function suggestFirstError(rollout: Rollout, { siblings }: { siblings: Rollout[] }): Suggestion {
	return suggestFirstErrors([rollout, ...siblings])[0] as Suggestion;
}

describe("a failed rollout alone", () => {
	test("points to a tool error that was never repaired", () => {
		const failed = draw("t/0", "user: go\nfind(a) = found\ncancel(b) = !no such order\nagent: done", 0);
		const suggestion = suggestFirstError(failed, { siblings: [] });
		expect(suggestion).toMatchObject({ step: 2, index: 2, probability: null });
		expect(suggestion.evidence[0]?.text).toBe("cancel returned an error that was never repaired: no such order");
	});

	test("does not blame an error that a later call of the same tool repaired", () => {
		const failed = draw("t/0", "user: go\nfind(a) = !typing error\nfind(b) = found\nagent: done", 0);
		expect(suggestFirstError(failed, { siblings: [] }).step).toBeNull();
	});

	test("points to a call that was repeated and brought nothing new", () => {
		const failed = draw("t/0", "user: go\nfind(a) = none\nfind(b) = some\nfind(a) = none\nagent: done", 0);
		expect(suggestFirstError(failed, { siblings: [] }).step).toBe(3);
	});

	test("does not call a repeated call with a new answer an error", () => {
		const failed = draw("t/0", "user: go\nfind(a) = none\nfind(a) = some\nagent: done", 0);
		expect(suggestFirstError(failed, { siblings: [] }).evidence).toEqual([]);
	});
});

describe("a failed rollout among siblings", () => {
	const failed = draw("t/0", "user: go\nfind(a) = found\ncancel(a) = ok\nagent: done", 0);
	const solved = draw("t/1", "user: go\nfind(a) = found\nask(b) = yes\nagent: done", 1);

	test("shows where it left the successful ones as information, not as an error", () => {
		const suggestion = suggestFirstError(failed, { siblings: [solved] });
		expect(suggestion.step).toBeNull();
		expect(suggestion.evidence).toMatchObject([
			{ kind: "divergence", step: 2 },
			{ kind: "lone-write", step: 2 },
		]);
	});

	test("uses the tree rule only where enough rollouts passed the step", () => {
		const failures = [1, 2, 3].map((trial) => ({ ...failed, id: `t/f${trial}` }));
		const successes = [1, 2, 3, 4].map((trial) => ({ ...solved, id: `t/s${trial}` }));
		const suggestion = suggestFirstError(failed, { siblings: [...failures, ...successes] });
		expect(suggestion).toMatchObject({ step: 2 });
		expect(suggestion.evidence.map(({ kind }) => kind)).toContain("tree-rule");
	});
});

test("a rollout that succeeded has no first error, whatever happened on the way", () => {
	const solved = draw("t/1", "user: go\ncancel(b) = !no such order\nagent: done", 1);
	const suggestion = suggestFirstError(solved, { siblings: [] });
	expect(suggestion.step).toBeNull();
	expect(suggestion.evidence).toHaveLength(1);
});
