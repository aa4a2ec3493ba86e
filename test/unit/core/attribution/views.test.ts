// One outcome spread over the steps in several ways, and where the ways disagree.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actionEffects } from "../../../../src/core/attribution/actionEffect.ts";
import { precedenceOf } from "../../../../src/core/attribution/coalition.ts";
import { exactShapley, sampleShapley } from "../../../../src/core/attribution/shapley.ts";
import { attributionTable } from "../../../../src/core/attribution/views.ts";
import { seededRandom } from "../../../../src/core/math/random.ts";
import type { Rollout } from "../../../../src/core/model/trajectory.ts";
import { draw } from "../../../support/rollouts.ts";

/** Conversion rates of the worked example: A, B, C alone and together. */
const RATES: Record<string, number> = {
	"": 0,
	0: 0.1,
	1: 0.05,
	2: 0.02,
	"0,1": 0.2,
	"0,2": 0.13,
	"1,2": 0.09,
	"0,1,2": 0.3,
};

/** A walk over sets whose values are known beforehand. */
function walkOf(value: (members: readonly number[]) => number) {
	let members: number[] = [];
	return {
		restart() {
			members = [];
			return value(members);
		},
		join(member: number) {
			members.push(member);
			return value(members);
		},
	};
}

const tableWalk = (values: Record<string, number>) =>
	walkOf((members) => values[[...members].sort((a, b) => a - b).join(",")] as number);

const contextOf = (rollouts: Rollout[]) => ({
	group: rollouts.map((rollout) => ({ rollout, reward: rollout.reward })),
	random: seededRandom(3),
	permutations: 200,
	halfLife: 2,
});

describe("Shapley values", () => {
	test("the worked example", () => {
		const shares = exactShapley(3, (members) => RATES[members.join(",")] as number);
		expect(shares.map((share) => Number(share.toFixed(5)))).toEqual([0.14667, 0.10167, 0.05167]);
	});

	test("sum to v(all) - v(none), exactly or sampled", () => {
		const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 16, maxLength: 16 });
		fc.assert(
			fc.property(values, fc.integer(), (table, seed) => {
				const value = (members: readonly number[]) =>
					table[members.reduce((set, member) => set | (1 << member), 0)] as number;
				const total = (table[15] as number) - (table[0] as number);
				const sum = (shares: number[]) => shares.reduce((all, share) => all + share, 0);
				expect(sum(exactShapley(4, value))).toBeCloseTo(total, 8);
				expect(sum(sampleShapley(4, walkOf(value), [], 5, seededRandom(seed)).values)).toBeCloseTo(total, 8);
			}),
			{ seed: 1, numRuns: 100 },
		);
	});

	test("sampled ones come within a few standard errors of the exact ones", () => {
		const { values, errors } = sampleShapley(3, tableWalk(RATES), [], 4000, seededRandom(5));
		exactShapley(3, (members) => RATES[members.join(",")] as number).forEach((exact, player) => {
			expect(Math.abs((values[player] as number) - exact)).toBeLessThan(4 * (errors[player] as number));
		});
	});

	test("never value a set that precedence makes impossible", () => {
		// 2 needs 1, 1 needs 0: one order is left, and {1} or {2} would be NaN
		const chain = { "": 0, 0: 0.1, "0,1": 0.2, "0,1,2": 0.3 };
		const { values, errors } = sampleShapley(3, tableWalk(chain), [[], [0], [1]], 50, seededRandom(1));
		expect(values.map((value) => Number(value.toFixed(6)))).toEqual([0.1, 0.1, 0.1]);
		expect(errors.every((error) => error < 1e-8)).toBe(true);
	});
});

const drawing = (last: string) => `
	user: find order 4711
	search(order 4711) = found id ab-12345
	open(ab-12345) = a parcel
	weather(today) = sun
	${last}
`;

describe("attribution of one rollout", () => {
	const won = draw("t/0", drawing("refund(ab-12345) = done"), 1);
	const lost = draw("t/1", drawing("close(ab-12345) = done"), 0);
	const lostToo = draw("t/2", "user: find order 4711\nclose(9) = done", 0);
	const table = attributionTable(won, contextOf([won, lost, lostToo]));

	test("first touch, last touch and linear", () => {
		const shares = (id: string) => table?.views.find(({ view }) => view.id === id)?.attribution.shares;
		expect(table?.steps).toEqual([1, 2, 3, 4]);
		expect(shares("first-touch")).toEqual([table?.outcome, 0, 0, 0]);
		expect(shares("last-touch")).toEqual([0, 0, 0, table?.outcome]);
		expect(shares("linear")).toEqual(Array(4).fill((table?.outcome ?? 0) / 4));
	});

	test("every view spreads the same outcome: the reward minus the group's mean", () => {
		for (const { view, attribution } of table?.views ?? []) {
			const sum = attribution.shares.reduce((all, share) => all + share, 0);
			expect(sum, view.id).toBeCloseTo(2 / 3, 10);
		}
	});

	test("Shapley gives most to the step that only the winner took, and says how sure it is", () => {
		const shapley = table?.views.find(({ view }) => view.id === "shapley")?.attribution;
		expect(Math.max(...(shapley?.shares ?? []))).toBe(shapley?.shares[3]);
		expect(shapley?.errors).toHaveLength(4);
	});

	test("the agreement matrix is symmetric, with 1 on its diagonal where a view distinguishes steps", () => {
		table?.agreement.forEach((row, one) => {
			row.forEach((value, two) => {
				expect(value).toEqual(table.agreement[two]?.[one]);
			});
		});
		expect(table?.agreement[0]?.[0]).toBeCloseTo(1);
		expect(table?.agreement[2]?.[2]).toBeNaN();
		expect(table?.disagreement[0]).toBeGreaterThan(0.5);
	});

	test("a step that uses what another found comes after it; an unrelated one need not", () => {
		expect(precedenceOf(won, [1, 2, 3, 4])).toEqual([[], [0], [], [0]]);
	});

	test("says nothing of a rollout without a reward", () => {
		const unscored = draw("t/3", drawing("wait(1) = done"));
		expect(attributionTable(unscored, contextOf([unscored, won]))).toBeNull();
	});
});

describe("the effect of an action", () => {
	const path = (id: string, first: string, reward: number) =>
		draw(id, `user: go\n${first}(1) = ok\nfinish(1) = ok`, reward);

	test("success with minus without, with its interval, also weighted where there is overlap", () => {
		const group = [
			path("t/0", "check", 1),
			path("t/1", "check", 1),
			path("t/2", "check", 1),
			path("t/3", "guess", 0),
			path("t/4", "guess", 1),
			path("t/5", "guess", 0),
		];
		const check = actionEffects(group, seededRandom(2)).find(({ action }) => action === "check");
		expect(check).toMatchObject({ withAction: 3, withoutAction: 3, overlap: 6, reason: null });
		expect(check?.difference).toBeCloseTo(2 / 3);
		expect(check?.weighted).toBeCloseTo(2 / 3);
		expect(check?.interval?.low).toBeLessThan(2 / 3);
		expect(check?.weightedInterval?.high).toBeLessThanOrEqual(1);
	});

	test("weighting undoes a difference that comes from where the action was taken", () => {
		// after an easy start success is certain, after a hard one impossible; the action is only taken more often after easy
		const at = (id: string, start: string, next: string, reward: number) =>
			draw(id, `user: go\n${start}(1) = ok\n${next}(1) = ok`, reward);
		const group = [
			...[0, 1, 2].map((index) => at(`e/${index}`, "easy", "check", 1)),
			at("e/3", "easy", "guess", 1),
			at("h/0", "hard", "check", 0),
			...[1, 2, 3].map((index) => at(`h/${index}`, "hard", "guess", 0)),
		];
		const check = actionEffects(group, seededRandom(2)).find(({ action }) => action === "check");
		expect(check?.difference).toBeCloseTo(0.5);
		expect(check?.weighted).toBeCloseTo(0);
	});

	test("without overlap there is no weighted number but a reason", () => {
		const group = [path("t/0", "check", 1), path("t/1", "check", 0)];
		expect(actionEffects(group, seededRandom(2))[0]).toMatchObject({
			difference: null,
			weighted: null,
			reason: expect.stringContaining("no overlap"),
		});
	});
});
