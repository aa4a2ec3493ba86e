// Text that a chat template made: every template gives back the turns that went in.
import { describe, expect, test } from "vitest";
import { splitTurns, templateOf } from "../../../../src/core/text/chatTemplate.ts";

function turnsOf(prompt: string, response = ""): [string, string][] {
	const template = templateOf(prompt);
	const read = (text: string, first: string): [string, string][] =>
		splitTurns(text, template, first).map((turn) => [turn.role, text.slice(turn.start, turn.end)]);
	return [...read(prompt, "system"), ...read(response, "assistant")];
}

const expected = [
	["system", "Be brief."],
	["user", "2+2?"],
	["assistant", "Four.\n\nYes."],
	["user", "Sure?"],
	["assistant", "Sure."],
];

describe("a chat template's text", () => {
	test.each<[string, string, string]>([
		[
			"ChatML",
			"<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n",
			"Four.\n\nYes.<|im_end|>\n<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\nSure.<|im_end|><|endoftext|>",
		],
		[
			"Llama 3",
			"<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n2+2?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
			"Four.\n\nYes.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nSure?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nSure.<|eot_id|>",
		],
		[
			"DeepSeek",
			"<｜begin▁of▁sentence｜>Be brief.<｜User｜>2+2?<｜Assistant｜>",
			"Four.\n\nYes.<｜end▁of▁sentence｜><｜User｜>Sure?<｜Assistant｜>Sure.<｜end▁of▁sentence｜>",
		],
		[
			"GLM and Phi",
			"<|system|>\nBe brief.<|end|>\n<|user|>\n2+2?<|end|>\n<|assistant|>\n",
			"Four.\n\nYes.<|end|><|user|>\nSure?<|end|><|assistant|>\nSure.<|end|>",
		],
		[
			"role names on their own lines",
			"system\nBe brief.\nuser\n2+2?\nassistant\n",
			"Four.\n\nYes.\nuser\nSure?\nassistant\nSure.",
		],
		[
			"Llama 3 without its tokens",
			"system\n\nBe brief.user\n\n2+2?assistant\n\n",
			"Four.\n\nYes.user\n\nSure?assistant\n\nSure.",
		],
	])("%s is split into its turns", (_, prompt, response) => {
		expect(turnsOf(prompt, response)).toEqual(expected);
	});

	test("Gemma has no system turn and names its agent model", () => {
		expect(turnsOf("<bos><start_of_turn>user\n2+2?<end_of_turn>\n<start_of_turn>model\n", "4<end_of_turn>")).toEqual([
			["user", "2+2?"],
			["assistant", "4"],
		]);
	});

	test("Llama 2 has its system text inside the first instruction", () => {
		const prompt = "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n2+2? [/INST]";
		expect(turnsOf(prompt, " 4 </s>")).toEqual([
			["system", "Be brief."],
			["user", "2+2?"],
			["assistant", "4"],
		]);
	});

	test("Harmony keeps channels and recipients apart from the text", () => {
		const prompt = "<|start|>system<|message|>Be brief.<|end|><|start|>user<|message|>2+2?<|end|><|start|>assistant";
		const template = templateOf(prompt);
		const response =
			'<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant to=functions.add<|channel|>commentary json<|message|>{"a":2}<|call|>';
		expect(splitTurns(response, template, "assistant")).toMatchObject([
			{ role: "assistant", channel: "analysis", recipient: null },
			{ role: "assistant", channel: "commentary", recipient: "functions.add" },
		]);
		expect(splitTurns(prompt, template, "system").map((turn) => turn.role)).toEqual(["system", "user"]);
	});

	test("plain text is of no template and stays one turn", () => {
		expect(templateOf("What is an assistant?")).toBeNull();
		expect(splitTurns(" What? ", null, "user")).toEqual([
			{ role: "user", channel: null, recipient: null, start: 1, end: 6 },
		]);
	});

	test("a million opening markers are read in a moment", () => {
		const text = "<|im_start|>".repeat(200_000);
		expect(splitTurns(text, templateOf(text), "user").length).toBeLessThan(200_001);
	});
});
