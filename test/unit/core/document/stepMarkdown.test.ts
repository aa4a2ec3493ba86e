// A copied step reads as Markdown, whatever is in it, and what looks like a secret can be taken out.
import { expect, test } from "vitest";
import { stepMarkdown } from "../../../../src/core/document/stepMarkdown.ts";
import { REDACTION_RULES, redactText } from "../../../../src/core/exports/redaction.ts";
import { readText } from "../../../support/records.ts";

const record = {
	messages: [
		{ role: "user", content: "Cancel order 9." },
		{
			role: "assistant",
			content: "I look.",
			reasoning_content: "Two lines\nof thought",
			tool_calls: [{ id: "c1", type: "function", function: { name: "find", arguments: '{"order":9}' } }],
		},
		{ role: "tool", tool_call_id: "c1", content: "```\nkey sk-abcdefghijklmnopqrstuvwx\u001b[31m\n```" },
	],
};

function markdown(): string {
	const step = readText(JSON.stringify(record)).rollouts[0]?.steps[1];
	if (step === undefined) throw new Error("the record has no second step");
	return stepMarkdown(step);
}

test("a step is a heading, its thoughts as a quotation, and its call and observation in fences", () => {
	expect(markdown()).toBe(
		[
			"### #1 agent · find",
			"> Two lines\n> of thought",
			"I look.",
			'call `find`:\n\n```json\n{\n  "order": 9\n}\n```',
			"observation:\n\n````text\n```\nkey sk-abcdefghijklmnopqrstuvwx\u241b[31m\n```\n````\n",
		].join("\n\n"),
	);
});

test("what looks like a key is taken out by rule, the rest stays", () => {
	expect(redactText(markdown(), REDACTION_RULES)).toBe(markdown().replace("sk-abcdefghijklmnopqrstuvwx", "<key>"));
});
