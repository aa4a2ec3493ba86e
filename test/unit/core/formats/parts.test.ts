// The parts of a message's content: the same call, result, thought and picture in everybody's shape.
import { describe, expect, test } from "vitest";
import { readParts } from "../../../../src/core/formats/parts.ts";
import type { JsonValue } from "../../../../src/core/model/json.ts";

const place = { file: "x", entry: null, start: 0, end: 9, line: 1, pointer: "" };

describe("a tool call", () => {
	const shapes: [string, JsonValue][] = [
		["Anthropic", { type: "tool_use", id: "c1", name: "find", input: { order: 9 } }],
		["Responses", { type: "function_call", call_id: "c1", name: "find", arguments: '{"order":9}' }],
		["Vercel AI", { type: "tool-call", toolCallId: "c1", toolName: "find", input: { order: 9 } }],
		["Vercel AI, on screen", { type: "tool-find", toolCallId: "c1", state: "input-available", input: { order: 9 } }],
		["Pi", { type: "toolCall", id: "c1", name: "find", arguments: { order: 9 } }],
		["Gemini", { functionCall: { id: "c1", name: "find", args: { order: 9 } } }],
		["Gemini in Python", { function_call: { id: "c1", name: "find", args: { order: 9 } }, text: null }],
	];
	test.each(shapes)("of %s", (_, part) => {
		expect(readParts([part], "").calls).toEqual([{ id: "c1", name: "find", arguments: { order: 9 }, requestor: null }]);
	});
});

describe("a tool result", () => {
	const shapes: [string, JsonValue][] = [
		[
			"Anthropic",
			{ type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "none" }], is_error: true },
		],
		["Vercel AI", { type: "tool-result", toolCallId: "c1", output: { type: "error-text", value: "none" } }],
		["Vercel AI, on screen", { type: "tool-find", toolCallId: "c1", state: "output-error", errorText: "none" }],
		["Pi", { type: "toolResult", toolCallId: "c1", content: "none", isError: true }],
		["Gemini", { functionResponse: { id: "c1", name: "find", response: { error: "none" } } }],
	];
	test.each(shapes)("of %s", (_, part) => {
		expect(readParts([part], "").observations[0]).toMatchObject({ callId: "c1", text: "none", isError: true });
	});

	test("that is an object is shown as JSON", () => {
		const part = { functionResponse: { name: "find", response: { found: 2, list: ["a"] } } };
		expect(readParts([part], "").observations[0]).toMatchObject({ text: '{"found":2,"list":["a"]}', isError: false });
	});
});

describe("a picture", () => {
	const embedded: [string, JsonValue][] = [
		["OpenAI", { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }],
		["Anthropic", { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }],
		["Gemini", { inlineData: { mimeType: "image/png", data: "AAAA" } }],
		["MCP", { type: "image", data: "AAAA", mimeType: "image/png" }],
	];
	test.each(embedded)("embedded by %s is found again in its message", (_, part) => {
		const [image] = readParts(["before", part], "/content", place).images;
		expect(image).toEqual({ mediaType: "image/png", path: null, pointer: "/content/1", place });
	});

	test("in a file keeps its path, and a result keeps its pictures", () => {
		const part = { type: "tool_result", tool_use_id: "c1", content: [{ type: "image", source: { path: "shot.png" } }] };
		expect(readParts([part], "").observations[0]).toMatchObject({
			text: "",
			images: [{ path: "shot.png", pointer: null }],
		});
	});
});

test("thoughts are kept apart from text, and parts of an unknown kind are kept raw", () => {
	const parts = [
		{ type: "thinking", thinking: "hm" },
		{ text: "so", thought: true },
		{ type: "text", text: "a" },
		{ type: "hologram", shape: 1 },
		"b",
	];
	expect(readParts(parts, "")).toMatchObject({
		text: "a\nb",
		reasoning: "hm\nso",
		rest: [{ type: "hologram", shape: 1 }],
	});
});
