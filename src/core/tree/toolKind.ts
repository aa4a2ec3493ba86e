// What kind of thing a step does, told by words in the names of its tools: the page draws a sign for each kind.
import type { Step } from "../model/trajectory.ts";

export const STEP_KINDS = [
	"system",
	"user",
	"environment",
	"speak",
	"think",
	"find",
	"read",
	"write",
	"run",
	"browse",
	"delegate",
	"finish",
	"other",
] as const;

export type StepKind = (typeof STEP_KINDS)[number];

/** The first kind with a word of the tool's name wins: what changes something stands before what only looks. */
const WORDS: readonly [StepKind, readonly string[]][] = [
	["finish", ["finish", "submit", "done", "complete", "final", "answer", "exit", "terminate"]],
	["delegate", ["task", "agent", "delegate", "transfer", "handoff", "subagent", "dispatch"]],
	[
		"write",
		(
			"write edit create update delete remove add set insert replace patch modify cancel book pay refund return " +
			"exchange move rename upload send post put save commit apply append str"
		).split(" "),
	],
	[
		"run",
		"bash shell exec execute run command terminal python code test build compile script calculate eval".split(" "),
	],
	["think", ["think", "plan", "reflect", "todo", "note", "reason"]],
	["browse", "browse browser click goto navigate scroll type press tap url web page open fetch visit".split(" ")],
	["find", ["search", "find", "grep", "glob", "query", "lookup", "retrieve", "list", "locate"]],
	["read", "read get view cat show inspect check describe load head tail look".split(" ")],
	["speak", ["respond", "say", "message", "ask", "reply", "speak", "chat"]],
];

export function stepKind(step: Step): StepKind {
	if (step.role !== "agent") return step.role;
	const [first] = step.calls;
	return first === undefined ? "speak" : toolKind(first.name);
}

/** The kind that a tool's name suggests; "other" where no word of it is known. */
export function toolKind(name: string): StepKind {
	const words = new Set(
		name
			.slice(0, 200)
			.replace(/([a-z0-9])([A-Z])/g, "$1 $2")
			.toLowerCase()
			.split(/[^a-z]+/),
	);
	return WORDS.find(([, known]) => known.some((word) => words.has(word)))?.[0] ?? "other";
}
