import { expect, test } from "vitest";
import type { GivenSeries } from "../../../src/core/tree/series.ts";
import { GroupSeries } from "../../../src/protocol/groupSeries.ts";
import { callStep, galleryRollout, galleryStep } from "../../../webview/gallery/fixtures.ts";

const rollout = (id: string, reward: number) =>
	galleryRollout(id, "lamp", [galleryStep(0, { role: "user" }), callStep(1, "search", id, "found")], reward);

const score: GivenSeries = {
	id: "model-score",
	title: "score of the model",
	scale: "probability",
	unit: "",
	explanation: "",
	at: (key, step) => (key.endsWith("a") && step === 1 ? 0.25 : null),
};

const group = [rollout("a", 1), rollout("b", 0)];

test("a step has the numbers that are given, those of the estimators, and the reasons for those it has not", async () => {
	const series = new GroupSeries(group, [score]);
	const numbers = await series.numbers(0, 1);
	expect(numbers[0]).toEqual({ title: "score of the model", value: 0.25, unit: "", signed: false, note: null });
	const grpo = numbers.find(({ title }) => title.startsWith("advantage, GRPO (sample"));
	expect(grpo?.value).toBeCloseTo(Math.SQRT1_2);
	expect(numbers.find(({ title }) => title === "tokens")).toMatchObject({
		value: null,
		note: "not logged for this step",
	});
});

test("what others said has no advantage, and says so", async () => {
	const numbers = await new GroupSeries(group, []).numbers(0, 0);
	expect(numbers.every(({ value, note }) => value === null && note === "not a step of the agent")).toBe(true);
});

test("given series are offered first and can be told apart from unknown ones", () => {
	const series = new GroupSeries(group, [score]);
	expect(series.available()[0]).toEqual({ ...score, at: undefined });
	expect([...(series.values("model-score")?.values ?? [])]).toEqual([Number.NaN, 0.25, Number.NaN, Number.NaN]);
	expect(series.values("no such series")).toBeNull();
	expect(series.values("model-score")).toBe(series.values("model-score"));
});

test("while the numbers of a large group are worked out, other work passes", async () => {
	const many = Array.from({ length: 400 }, (_, index) =>
		galleryRollout(
			`r${index}`,
			"lamp",
			Array.from({ length: 30 }, (_, step) => callStep(step, "search", `${index} ${step}`, "found")),
			index % 2,
		),
	);
	let passed = 0;
	const timer = setInterval(() => passed++, 0);
	await new GroupSeries(many, []).numbers(0, 0);
	clearInterval(timer);
	expect(passed).toBeGreaterThan(0);
});
