// Python values and calls in logs are read as data.
import { describe, expect, test } from "vitest";
import { readPython, readPythonCalls } from "../../../../src/core/text/pythonLiteral.ts";

describe("a Python value", () => {
	test.each<[string, unknown]>([
		["{'a': 1, 'b': [True, None, -2.5e3]}", { a: 1, b: [true, null, -2500] }],
		["('x', \"it's\", 'a\\n\\u00e9\\'')", ["x", "it's", "a\né'"]],
		["{1: 'one', 'two': {'deep': ()}}", { "1": "one", two: { deep: [] } }],
		["'a' \"b\"", "ab"],
		["r'\\d'", "\\d"],
		["{'x', 'y'}", ["x", "y"]],
	])("%s is read", (text, value) => {
		expect(readPython(text)?.value).toEqual(value);
	});

	test.each(["{'a': ", "hello world", "[1 2]", "'open", "", "[".repeat(100_000)])("%j is none", (text) => {
		expect(readPython(text)).toBeNull();
	});

	test.each<[string, unknown]>([
		["{'name': 'find', 'arguments': '{\\n  \"to", { name: "find", arguments: '{\n  "to' }],
		["{'name': 'find', 'argu", { name: "find" }],
		["{'name': 'find', 'size':", { name: "find", size: null }],
		["[1, (2, {'a': [3", [1, [2, { a: [3] }]]],
	])("%s, which was cut, is read as far as it goes where that is asked for", (text, value) => {
		expect(readPython(text)).toBeNull();
		expect(readPython(text, true)?.value).toEqual(value);
	});

	test("prose is no value, cut or not", () => {
		expect(readPython("I found {'name'", true)).toBeNull();
	});

	test("a key named __proto__ is a key like others", () => {
		const read = readPython("{'__proto__': {'x': 1}}")?.value as object;
		expect(Object.keys(read)).toEqual(["__proto__"]);
		expect(({} as Record<string, unknown>).x).toBeUndefined();
	});
});

describe("Python calls", () => {
	test("keep names with dots, keyword and positional arguments", () => {
		expect(readPythonCalls("[math.add(a=2, b=[1, 'x']), go('home', fast=True)]")).toEqual([
			{ name: "math.add", arguments: { a: 2, b: [1, "x"] } },
			{ name: "go", arguments: { "0": "home", fast: true } },
		]);
		expect(readPythonCalls("ls()")).toEqual([{ name: "ls", arguments: {} }]);
		expect(readPythonCalls("[]")).toEqual([]);
	});

	test("a call inside an argument stays text and is never evaluated", () => {
		expect(readPythonCalls("f(x=open('secret').read)")).toBeNull();
		expect(readPythonCalls("f(x=now(zone='UTC'))")).toEqual([{ name: "f", arguments: { x: "now(zone='UTC')" } }]);
	});

	test("prose is none", () => {
		expect(readPythonCalls("No function matches the user's request.")).toBeNull();
	});
});
