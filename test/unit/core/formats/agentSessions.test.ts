// Session logs of the many agents: what a person reads of each, told in one line a step.
import { describe, expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText, sliceOf } from "../../../support/records.ts";
import { story } from "../../../support/story.ts";

const listing = [
	"user Which file is largest?",
	'agent (Sizes: A listing shows them.) I list them. [list_directory {"path":"src"}; read_file {"path":"c.ts"} -> a.ts 10, !no such file]',
	"system The quota is used up.",
];

const stories: [string, string[]][] = [
	["gemini-cli.json", listing],
	["gemini-cli.lines.jsonl", listing],
	[
		"gemini.jsonl",
		[
			"system You run the desk.",
			"user Is loan 12 late?",
			'agent (The loan.) [find_loan {"id":12} -> due 2026-10-01]',
			"agent Yes, it is.",
		],
	],
	["gemini.contents.json", ["user hi", "agent hello"]],
	[
		"chatgpt-export.json",
		[
			"user Which file is largest?",
			"agent [python \"import os; print(os.listdir())\" -> ['a.ts', 'b.ts']]",
			"agent It is a.ts.",
		],
	],
	[
		"qwen-code.jsonl",
		[
			"user Which file is largest?",
			'agent (A listing shows it.) [list_directory {"path":"src"} -> a.ts 10]',
			"agent It is a.ts.",
		],
	],
	[
		"iflow.jsonl",
		[
			"user What do the two files say?",
			'agent I read both. [read_file {"path":"a"}; read_file {"path":"b"} -> one, !no such file]',
			"agent Only a is there: one.",
		],
	],
	[
		"copilot-cli.jsonl",
		[
			"user Which file is largest?",
			'agent (A listing shows it.) I list them. [bash {"command":"ls -S"} -> !ls: not found]',
			"agent There is no ls here.",
		],
	],
	[
		"agentscope.json",
		["user What is in NOTES.md?", 'agent (I read it.) [read_file {"path":"NOTES.md"} -> # Notes]', "agent A heading."],
	],
	[
		"kiro.json",
		[
			"user Which file is largest?",
			'agent I list them. [execute_bash {"command":"ls"} -> !{"exit_status":"127","stdout":""}]',
			"agent There is no ls here.",
		],
	],
	[
		"message-lines.jsonl",
		[
			"system You help.",
			"user Which file is largest?",
			'agent (A listing shows it.) I list them. [bash {"command":"ls"} -> a.ts 10]',
			"agent It is a.ts.",
		],
	],
	["message-lines.nested.jsonl", ["user Load the data.", 'agent (A file.) [read {"path":"d.csv"} -> !no such file]']],
	[
		"aider.md",
		[
			"user add a retry to the client",
			"agent I add one.\n\nA loop does it. [Applied edit to client.py\nTokens: 1k sent]",
		],
	],
	[
		"cursor-transcript.txt",
		[
			"user Which file is largest?",
			'agent (A listing\n  shows it.) I list them. [Shell {"command":"ls -S"} -> a.ts\n  b.ts]',
			"agent It is a.ts.",
			"user thanks",
		],
	],
];

describe("the story of", () => {
	test.each(stories)("%s", (name, expected) => {
		const { format, text } = fixture(name);
		const read = readText(text);
		expect(read.problems).toEqual([]);
		expect(read.format?.id).toBe(format);
		expect(story(read.rollouts[0])).toEqual(expected);
	});
});

test("a Gemini request keeps its pictures, tools, ending and tokens; code that the model ran is a call", () => {
	const read = readText(fixture("gemini.jsonl").text);
	const [first, second] = read.rollouts;
	expect(first).toMatchObject({ id: "q-1", ending: "STOP", tokens: { prompt: 50, completion: 4, reasoning: 9 } });
	expect(first?.tools).toMatchObject([{ name: "find_loan", description: "Finds a loan." }]);
	expect(first?.steps[1]?.images).toMatchObject([{ mediaType: "image/png", path: null, pointer: "/parts/1" }]);
	expect(story(second).at(-1)).toBe('agent 4 [code_execution {"language":"PYTHON","code":"print(2+2)"} -> 4\n]');
	expect(second).toMatchObject({ ending: "MAX_TOKENS", truncated: true });
});

test("a ChatGPT answer that was asked for again leaves the first one as a branch", () => {
	const { rollouts } = readText(fixture("chatgpt-export.json").text);
	expect(rollouts.map(({ id, title, relation, branchStep }) => [id, title, relation, branchStep])).toEqual([
		["conversation-1", "Largest file", null, null],
		["conversation-1/1", "Largest file", "branch", 1],
	]);
	expect(story(rollouts[1]).at(-1)).toBe("agent It is b.ts.");
	const circle = fixture("chatgpt-export.json").text.replace('"n6"\n', '"n6",\n"n1"\n');
	expect(readText(circle).rollouts).toHaveLength(2);
});

test("Qwen Code's rerun of an answer is a branch after the step that both share", () => {
	const [, branch] = readText(fixture("qwen-code.jsonl").text).rollouts;
	expect(branch).toMatchObject({ relation: "branch", parent: "session-1", branchStep: 1, sharedSteps: 2 });
	expect(story(branch).at(-1)).toBe("agent a.ts");
});

test("an answer that iFlow logged in pieces is one step with all its bytes and the usage of its last piece", () => {
	const read = readText(fixture("iflow.jsonl").text);
	const step = read.rollouts[0]?.steps[1];
	expect(step?.tokens).toMatchObject({ prompt: 90, completion: 12 });
	expect(sliceOf(read, step!.origin).split("\n")).toHaveLength(4);
});

test("Aider's history is one rollout a session, with when it began", () => {
	const { rollouts } = readText(fixture("aider.md").text);
	expect(rollouts.map(({ id, time, title }) => [id, time, title])).toEqual([
		["2026-11-01 10:00:00", Date.UTC(2026, 10, 1, 10), "add a retry to the client"],
		["2026-11-01 11:00:00", Date.UTC(2026, 10, 1, 11), "make the delay longer"],
	]);
});

test("messages of several sessions in one file are told apart by their session ids", () => {
	const line = (session: string, content: string) => JSON.stringify({ session_id: session, role: "user", content });
	const { rollouts } = readText([line("a", "one"), line("b", "two"), line("a", "three")].join("\n"));
	expect(rollouts.map((rollout) => [rollout.id, story(rollout)])).toEqual([
		["a", ["user one", "user three"]],
		["b", ["user two"]],
	]);
});

const damaged: [string, (text: string) => string, string][] = [
	[
		"gemini.jsonl",
		(text) => text.replace('{"role":"model","parts":[{"text":"The', '7,{"role":"model","parts":[{"text":"The'),
		"x.dat:1: content 1 has no parts",
	],
	[
		"gemini-cli.json",
		(text) => text.replace('"messages": [', '"messages": [7,'),
		"x.dat:1: message 0 is not an object",
	],
	[
		"qwen-code.jsonl",
		(text) => `${text}{"uuid":"z","sessionId":"session-1","type":"user","message":{}}
`,
		"x.dat:6: a line without a message",
	],
	["iflow.jsonl", (text) => `${text}{"type":"user","parentUuid":"a3"}\n`, "x.dat:7: a line without a message"],
	[
		"copilot-cli.jsonl",
		(text) => text.replace('"toolCallId":"c1","success"', '"toolCallId":"c9","success"'),
		"x.dat:7: a tool result without a call (c9)",
	],
	["agentscope.json", (text) => text.replace('"role": "user",', ""), "x.dat:1: message 0 has no role"],
	[
		"kiro.json",
		(text) => text.replace('"history": [', '"history": [7,'),
		"x.dat:1: entry 0 of the history is not an object",
	],
	["message-lines.jsonl", (text) => `${text}7\n`, "x.dat:7: not an object"],
];

test.each(damaged)("damage in %s is reported and the rest is read", (name, damage, problem) => {
	const { text } = fixture(name);
	const whole = readText(text);
	const read = readText(damage(text));
	expect(read.problems).toEqual([problem]);
	expect(read.rollouts.length).toBe(whole.rollouts.length);
	expect(read.rollouts[0]?.steps.length).toBeGreaterThan(0);
});
