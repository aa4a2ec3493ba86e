// Token usage: every vendor's words for it, and whether cached tokens are counted in the prompt or beside it.
import { expect, test } from "vitest";
import { largerUsage, readUsage } from "../../../../src/core/formats/usage.ts";

test.each([
	[
		"OpenAI chat",
		{ prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 60 }, total_tokens: 107 },
		{ prompt: 100, completion: 7, cached: 60, reasoning: null },
	],
	[
		"OpenAI Responses",
		{ input_tokens: 100, output_tokens: 7, output_tokens_details: { reasoning_tokens: 5 } },
		{ prompt: 100, completion: 7, cached: null, reasoning: 5 },
	],
	[
		"Anthropic, which counts the cache beside",
		{ input_tokens: 10, cache_creation_input_tokens: 20, cache_read_input_tokens: 70, output_tokens: 7 },
		{ prompt: 100, completion: 7, cached: 70, reasoning: null },
	],
	[
		"LiteLLM, which names Anthropic's cache but counts it in",
		{ prompt_tokens: 100, completion_tokens: 7, cache_read_input_tokens: 70, cache_creation_input_tokens: 20 },
		{ prompt: 100, completion: 7, cached: 70, reasoning: null },
	],
	[
		"Codex",
		{ input_tokens: 100, cached_input_tokens: 60, output_tokens: 7, reasoning_output_tokens: 3 },
		{ prompt: 100, completion: 7, cached: 60, reasoning: 3 },
	],
	[
		"Inspect over Anthropic",
		{ input_tokens: 10, output_tokens: 7, total_tokens: 107, input_tokens_cache_read: 90 },
		{ prompt: 100, completion: 7, cached: 90, reasoning: null },
	],
	[
		"Gemini",
		{ promptTokenCount: 100, candidatesTokenCount: 7, thoughtsTokenCount: 2 },
		{ prompt: 100, completion: 7, cached: null, reasoning: 2 },
	],
])("of %s", (_, logged, read) => {
	expect(readUsage(logged)).toEqual(read);
});

test("is unknown where nothing or nonsense is stated", () => {
	for (const value of [undefined, null, 5, {}, { prompt_tokens: "many" }]) expect(readUsage(value)).toBeNull();
});

test("that a stream states again as it grows counts once, at its largest", () => {
	const first = readUsage({ input_tokens: 10, output_tokens: 1 });
	const last = readUsage({ input_tokens: 10, output_tokens: 40 });
	expect(largerUsage(first, last)).toMatchObject({ prompt: 10, completion: 40 });
	expect(largerUsage(null, last)).toBe(last);
});
