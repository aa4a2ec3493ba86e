// Anthropic messages: system prompt, content blocks, answers of logged calls.
import { expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { jsonLines, readText, sliceOf } from "../../../support/records.ts";

test("a request is read with its system prompt, thinking, calls and failed results", () => {
	const read = readText(fixture("anthropic-messages.request.json").bytes);
	const [rollout] = read.rollouts;
	expect(rollout?.steps.map((step) => [step.role, step.text])).toEqual([
		["system", "You are a careful librarian."],
		["user", "Where does “Waves” stand?"],
		["agent", "Let me look."],
		["user", "Try the archive."],
		["agent", "It stands in the archive."],
	]);
	expect(rollout?.steps[2]).toMatchObject({
		reasoning: "The catalogue knows.",
		calls: [{ id: "toolu_1", name: "find_book", arguments: { title: "Waves" } }],
		observations: [{ callId: "toolu_1", text: "no such shelf", isError: true }],
	});
	expect(rollout?.tools).toMatchObject([{ name: "find_book", parameters: { type: "object" } }]);
	expect(sliceOf(read, rollout!.steps[0]!.origin)).toContain("careful librarian");
});

test("an answer logged beside its request is the last step", () => {
	const [rollout] = readText(fixture("anthropic-messages.calls.jsonl").bytes).rollouts;
	expect(rollout?.steps.at(-1)).toMatchObject({ role: "agent", text: "Green is one.", model: "model-a-1" });
	expect(rollout?.tokens).toMatchObject({ prompt: 20, completion: 4, cached: 8 });
});

test("requests without anything of Anthropic's own are left to the OpenAI reader", () => {
	const plain = [{ messages: [{ role: "user", content: "Hi." }] }];
	expect(readText(jsonLines(plain)).format?.id).toBe("openai-chat");
});
