// The practice world in the picture: coloured by the exact value, the step that lost a rollout is where its path turns to
// nothing, and it is the one that is marked.
import { expect, test } from "vitest";
import { DEFAULT_OPTIONS, type Generated, generateGroups } from "../../examples/practice/src/record/generate.ts";
import { TASKS } from "../../examples/practice/src/world/taskList.ts";
import { collectProblems } from "../../src/core/formats/format.ts";
import { openaiChat } from "../../src/core/formats/openaiChat.ts";
import type { JsonValue } from "../../src/core/model/json.ts";
import type { KeyedRollout } from "../../src/core/tree/merge.ts";
import { atRest, openScenario } from "./gallery.ts";

const ATTEMPTS = 8;
const WANTED = 10;

/** The rollout as the product reads it, with the exact value after every step of the agent in place of a logged one. */
function read({ record, truth }: Generated, ordinal: number): KeyedRollout {
	const place = { file: "practice.jsonl", entry: null, start: 0, end: 0, line: ordinal + 1, pointer: "" };
	const context = {
		file: place.file,
		header: null,
		companions: new Map(),
		locate: false,
		problem: collectProblems().problem,
	};
	const value = JSON.parse(JSON.stringify(record)) as JsonValue;
	const [rollout] = openaiChat.readRecord({ value, place, bytes: new Uint8Array(0), ordinal }, context);
	const values = new Map(truth.steps.map(({ message, after }) => [message, after]));
	for (const step of rollout!.steps) step.value = values.get(Number(step.origin.index)) ?? null;
	return { key: `practice.jsonl#${ordinal}`, rollout: rollout! };
}

/** The number of the step that a message of the log became. */
function stepOf(entry: KeyedRollout, message: number): number {
	return entry.rollout.steps.findIndex(({ origin }) => origin.index === message);
}

test("in ten failed rollouts the step that lost them is the first without colour, and the marked one", async () => {
	let seen = 0;
	const { page } = await openScenario("demo", { size: { width: 1600, height: 900 } });
	for (const task of TASKS) {
		if (seen >= WANTED) break;
		const group = [...generateGroups([task], ATTEMPTS, DEFAULT_OPTIONS)];
		const members = group.map(read);
		const lost = group.flatMap(({ truth }, index) => {
			const at = truth.targets.irrecoverable;
			const entry = members[index]!;
			return at === null ? [] : [{ number: index, id: entry.rollout.id, step: stepOf(entry, at.message) }];
		});
		if (lost.length === 0) continue;
		const errors = Object.fromEntries(
			lost.map(({ id, step }) => [id, { step, text: "lost here", signature: [], confirmed: true }]),
		);
		const shown = await page.evaluate(
			async ([taskId, members, given, wanted]) => {
				const rollouts = members as never;
				const scenario = {
					id: "practice",
					title: taskId,
					task: taskId,
					about: "",
					errors: given,
					rollouts: () => rollouts,
				};
				const { state } = window.gallery.running!.page.model;
				window.gallery.showScenario(scenario, { ...state, merge: "exact", colour: "value" });
				const { model, view } = window.gallery.running!.page;
				const ready = () =>
					model.group !== null &&
					model.mode?.id === "value" &&
					model.currentSeries !== null &&
					model.firstErrors.size > 0;
				const again = () => new Promise((resolve) => setTimeout(resolve, 10));
				while (!ready() || view.scene() === null) await again();
				return wanted.map(({ number, step }) => {
					const { tree } = model.group!;
					const path: number[] = [];
					for (let node = model.rollout(number).end; node > 0; node = tree.parent[node]!) path.unshift(node);
					const agent = path.filter((node) => !Number.isNaN(model.values[node]!));
					const turn = agent.findIndex((node) => model.values[node] === 0);
					model.select({ rollout: number, node: path[step]! });
					const scene = view.scene()!;
					return {
						first: path.indexOf(agent[turn]!),
						before: turn === 0 ? null : scene.bucket[agent[turn - 1]!]! > scene.bucket[agent[turn]!]!,
						mark: scene.marks.get(agent[turn]!)?.kind,
						text: scene.marks.get(agent[turn]!)?.text,
					};
				});
			},
			[task.id, members as unknown, errors, lost] as const,
		);
		await atRest(page);
		for (const [index, picture] of shown.entries()) {
			expect(picture, lost[index]!.id).toMatchObject({
				first: lost[index]!.step,
				mark: "confirmed",
				text: "lost here",
			});
			expect(picture.before, lost[index]!.id).not.toBe(false);
			seen++;
		}
	}
	expect(seen).toBeGreaterThanOrEqual(WANTED);
});
