// An export that is read again gives the same steps: over every format's own logs.
import { describe, expect, test } from "vitest";
import { EXPORTERS, exporterById } from "../../../../src/core/exports/registry.ts";
import { blankStep, call, observation } from "../../../../src/core/model/create.ts";
import { allFixtures } from "../../../support/fixtures.ts";
import { readText } from "../../../support/records.ts";
import { essentials } from "../../../support/sameSteps.ts";

const FORMAT_OF: Record<string, string> = { atif: "atif", "openai-messages": "openai-chat" };

describe.each(EXPORTERS)("$title", (exporter) => {
	test.each(allFixtures().map(({ name, bytes }) => [name, bytes] as const))("of %s", (_, bytes) => {
		for (const rollout of readText(bytes).rollouts) {
			const again = readText(`${exporter.write(rollout)}\n`);
			expect(again.format?.id).toBe(FORMAT_OF[exporter.id]);
			expect(again.rollouts).toHaveLength(1);
			expect(essentials(again.rollouts[0]!)).toEqual(essentials(rollout));
			expect(again.rollouts[0]).toMatchObject({ id: rollout.id, task: rollout.task, reward: rollout.reward });
		}
	});

	test("of what no chat format has a word for", () => {
		const [rollout] = readText('{"messages":[{"role":"user","content":"Go."}]}\n').rollouts;
		const step = (role: "agent" | "user" | "system" | "environment", fields: object) => ({
			...blankStep(rollout!.steps[0]!.origin, role),
			...fields,
		});
		rollout!.steps = [
			step("environment", { text: "The door is open." }),
			step("environment", { observations: [observation("a bell"), observation("a knock", { callId: "c8" })] }),
			step("agent", {
				text: "I wait.",
				observations: [observation("silence"), observation("dusk", { isError: true })],
			}),
			step("agent", { calls: [call("look", null), call("listen", "text")], observations: [observation("dark")] }),
			step("agent", { calls: [call("a", {}, "same"), call("b", {}, "same")], reasoning: "twice" }),
			step("user", {
				calls: [call("knock", { times: 2 }, "u1")],
				observations: [observation("in!", { callId: "u1" })],
			}),
			step("system", { text: "Summary", observations: [observation("", { callId: "far" })] }),
		];
		const [again] = readText(`${exporter.write(rollout!)}\n`).rollouts;
		expect(essentials(again!)).toEqual(essentials(rollout!));
	});
});

test("messages for training name every call and every answer", () => {
	const [rollout] = readText('{"messages":[{"role":"user","content":"Go."}]}\n').rollouts;
	const origin = rollout!.steps[0]!.origin;
	rollout!.steps.push({
		...blankStep(origin, "agent"),
		step: 1,
		calls: [call("bash", { command: "ls" })],
		observations: [observation("a.py")],
	});
	const written = JSON.parse(exporterById("openai-messages")!.write(rollout!));
	expect(written.messages.slice(1)).toEqual([
		{
			role: "assistant",
			content: "",
			tool_calls: [{ id: "call_1_0", type: "function", function: { name: "bash", arguments: '{"command":"ls"}' } }],
		},
		{ role: "tool", tool_call_id: "call_1_0", content: "a.py" },
	]);
});
