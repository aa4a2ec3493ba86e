// A process reward model that judges with references from a labelled pool: what it is shown, and what it must not be.
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../src/core/math/random.ts";
import { cleanerOf, DEFAULT_TEMPLATE, promptOf } from "../../../src/core/reward/prompt.ts";
import type { ReferenceChoice } from "../../../src/core/reward/retrieval.ts";
import { cosine, decodePool, mostAlike, sameLengths } from "../../../src/core/reward/retrieval.ts";
import { Embedder } from "../../../src/io/embedder.ts";
import { Retriever } from "../../../src/io/retriever.ts";
import { Scorer } from "../../../src/io/scorer.ts";
import { folderWith } from "../../support/folder.ts";
import { draw } from "../../support/rollouts.ts";
import { tinyEmbedder, tinyModel } from "../../support/tinyModels.ts";

const POOL = [
	{
		question: "find my order",
		steps: [
			{ text: "agent: look order", label: 1 },
			{ text: "agent: cancel it", label: -1 },
		],
	},
	{ question: "the value is no error", steps: [{ text: "agent: retry again", label: 1 }] },
	{ question: "Task: cancel my order", steps: [{ text: "agent: the answer itself", label: 1 }] },
];
const RULES = { questions: 2, steps: 1, floor: 0.1, contamination: 0.95 };
const rollout = draw("t/0", "user: cancel my order\nagent: look order\nagent: it is done");

async function modelFolder(
	scorer: object = {},
	pool = POOL.map((item) => JSON.stringify(item)).join("\n"),
): Promise<string> {
	const retrieval = { pool: "pool.jsonl", embedding: "embedder", ...RULES, ...scorer };
	const files = {
		...tinyModel("language"),
		"scorer.json": JSON.stringify({ stepToken: "<step>", good: "+", bad: "-", retrieval }),
	};
	const inner = Object.entries(tinyEmbedder()).map(([name, content]) => [`embedder/${name}`, content]);
	return folderWith({ ...files, ...Object.fromEntries(inner), "pool.jsonl": pool });
}

async function referencesOf(choice: ReferenceChoice) {
	const retrieval = { pool: "pool.jsonl", embedding: "embedder", rules: RULES, choice };
	const opened = await Retriever.open(await modelFolder(), retrieval, {});
	if (!opened.ok) throw new Error(opened.error.reason);
	onTestFinished(() => opened.value.close());
	const found = await opened.value.referencesOf(promptOf(rollout, DEFAULT_TEMPLATE, cleanerOf([])));
	if (!found.ok) throw new Error(found.error);
	return found.value;
}

describe("what is alike", () => {
	test("is found by cosine, above the floor, and never the same", () => {
		expect(cosine([1, 0], [1, 1])).toBeCloseTo(Math.SQRT1_2, 12);
		expect(cosine([0, 0], [1, 1])).toBe(0);
		const candidates = [
			[1, 0],
			[1, 1],
			[1, 0.2],
			[0, 1],
			[-1, 0],
		];
		expect(mostAlike([1, 0], candidates, 9, { floor: 0.5, contamination: 0.99 })).toEqual({ found: [2, 1], same: 1 });
		expect(mostAlike([1, 0], candidates, 1, { floor: 0.5, contamination: 0.99 }).found).toEqual([2]);
	});

	test("has a control of the same lengths, always the same one", () => {
		const pool = Array.from({ length: 50 }, (_, length) => ({ text: "x".repeat(length) }));
		const drawn = () => sameLengths([{ text: "y".repeat(25) }], pool, seededRandom(3));
		expect(drawn()).toEqual(drawn());
		expect(Math.abs((drawn()[0]?.text.length ?? 0) - 25)).toBeLessThan(8);
		expect(sameLengths([{ text: "a" }], [], seededRandom(1))).toEqual([]);
	});

	test("comes from a pool whose lines are held to their form", () => {
		expect(decodePool([{ question: "q", steps: [] }, { steps: [] }])).toMatchObject({ error: { line: 2 } });
		expect(decodePool([{ question: "q", steps: [{ text: "a", label: 0 }] }])).toMatchObject({ ok: false });
	});
});

describe("references", () => {
	test("are like questions with their labels, then like steps of those; the question itself is left out", async () => {
		const { head, steps, notes } = await referencesOf("retrieved");
		expect(head).toContain("Question: find my order\n+ agent: look order\n- agent: cancel it");
		expect(head).not.toContain("the answer itself");
		expect(steps[0]).toBe("Reference steps:\n+ agent: look order\nStep to judge:\n");
		expect(notes).toEqual(["1 of the pool's questions are this one: left out"]);
	});

	test("drawn at random are as many; without any there are none", async () => {
		const retrieved = await referencesOf("retrieved");
		const random = await referencesOf("random");
		expect(random.head.match(/Question:/g)).toHaveLength(retrieved.head.match(/Question:/g)?.length ?? -1);
		expect(await referencesOf("none")).toMatchObject({ head: "", steps: ["", ""] });
	});

	test("change what a model says, and each choice has scores of its own", async () => {
		const folder = await modelFolder();
		const scores: unknown[] = [];
		for (const references of ["retrieved", "random", "none"] as const) {
			const scorer = await Scorer.open(folder, { reading: { references } });
			if (!scorer.ok) throw new Error(scorer.error.reason);
			onTestFinished(() => scorer.value.close());
			expect(scorer.value.model.description).toMatchObject({ kind: "process", evaluation: "prefix" });
			const scored = await scorer.value.score([rollout]);
			if (!scored.ok) throw new Error(scored.error.reason);
			scores.push(scored.value[0]?.steps);
		}
		expect(scores[0]).not.toEqual(scores[2]);
		expect(scores.every((steps) => (steps as (number | null)[]).slice(1).every((score) => score !== null))).toBe(true);
	});
});

describe("an embedding model", () => {
	test("gives like texts like vectors, whatever they are batched with, and scores nothing", async () => {
		const folder = await folderWith(tinyEmbedder());
		const embedder = await Embedder.open(folder);
		if (!embedder.ok) throw new Error(embedder.error.reason);
		onTestFinished(() => embedder.value.close());
		const texts = ["cancel my order", "order my cancel", "sure", "", `retry ${"again ".repeat(200)}`];
		const together = await embedder.value.embed(texts);
		if (!together.ok) throw new Error(together.error);
		expect(cosine(together.value[0] ?? [], together.value[1] ?? [])).toBeCloseTo(1, 5);
		expect(cosine(together.value[0] ?? [], together.value[2] ?? [])).toBeLessThan(0.99);
		expect(await Scorer.open(folder)).toMatchObject({ error: { reason: expect.stringContaining("embedding model") } });
	});

	test.each([
		["the pool is missing", { pool: "other.jsonl" }, "other.jsonl", "is missing"],
		["the embedding is no embedding model", { embedding: "." }, "scorer.json", "must lie in the model's folder"],
		["the pool lies elsewhere", { pool: "../pool.jsonl" }, "scorer.json", "must lie in the model's folder"],
	])("that cannot be used because %s is refused, with the file", async (_, scorer, file, reason) => {
		const opened = await Scorer.open(await modelFolder(scorer));
		if (opened.ok) opened.value.close();
		expect(opened).toMatchObject({ ok: false, error: { reason: expect.stringContaining(reason) } });
		expect(path.basename(opened.ok ? "" : opened.error.file)).toBe(file);
	});
});
