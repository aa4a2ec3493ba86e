// A rollout in the chat template of the model's tokenizer. The template is rendered over place holders, and the texts of
// the log are put in afterwards: no text of a log is ever read as a template, and each step's place stays known.
import { Template as Jinja } from "@huggingface/jinja";
import { fail, type Result, succeed } from "../model/problem.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import {
	type Cleaner,
	fillPattern,
	headTexts,
	type Prompt,
	type PromptStep,
	promptSteps,
	type Template,
} from "./prompt.ts";

/** `turns`: one message a step; `single`: all steps in one message of the assistant, as mathematics models read them. */
export const CHAT_LAYOUTS = ["turns", "single"] as const;
export type ChatLayout = (typeof CHAT_LAYOUTS)[number];

interface Message {
	role: string;
	content: string;
}

/** Which roles a message may have: templates refuse what they do not know. Tried in this order. */
const ROLES = [
	{ tool: "tool", system: true },
	{ tool: "user", system: true },
	{ tool: "user", system: false },
];

/**
 * @param tokens special tokens that templates write by name, as bos_token
 * @returns the reason where the template cannot show the rollout
 */
export function chatPromptOf(
	rollout: Rollout,
	chat: { source: string; layout: ChatLayout; tokens: Readonly<Record<string, string>> },
	template: Template,
	clean: Cleaner,
): Result<Prompt, string> {
	const { system, tools, task, rest } = headTexts(rollout, clean);
	const first = fillPattern("{system}\nTools: {tools}", { system, tools });
	const steps = promptSteps(rest, template, clean);
	let reason = "the chat template is empty";
	for (const layout of chat.layout === "turns" ? (["turns", "single"] as const) : (["single"] as const)) {
		for (const roles of ROLES) {
			const texts = roles.system ? [first, task] : [[first, task].filter(Boolean).join("\n\n")];
			const messages = [...headMessages(texts), ...stepMessages(rest, steps, layout, roles.tool)];
			const rendered = render(chat.source, messages, chat.tokens);
			const prompt = rendered.ok ? putIn(rendered.value, texts, steps) : rendered;
			if (prompt.ok) return prompt;
			reason = prompt.error;
		}
	}
	return fail(`the chat template cannot show this rollout: ${reason}`);
}

const HOLDER = /\uE000([a-z])(\d+)\uE001/g;

function holder(kind: "h" | "a" | "r", index: number): string {
	return `\uE000${kind}${index}\uE001`;
}

/** The system's message first where there are two. */
function headMessages(texts: readonly string[]): Message[] {
	return texts.flatMap((text, index) => {
		const role = texts.length === 2 && index === 0 ? "system" : "user";
		return text === "" ? [] : [{ role, content: holder("h", index) }];
	});
}

function stepMessages(
	rest: readonly Step[],
	steps: readonly PromptStep[],
	layout: ChatLayout,
	toolRole: string,
): Message[] {
	const hasResult = (index: number) => steps[index]?.result !== "";
	if (layout === "single") {
		const content = steps.map((_, index) => holder("a", index) + (hasResult(index) ? holder("r", index) : ""));
		return [{ role: "assistant", content: content.join("") }];
	}
	return steps.flatMap((_, index) => {
		const own = { role: rest[index]?.role === "agent" ? "assistant" : "user", content: holder("a", index) };
		return hasResult(index) ? [own, { role: toolRole, content: holder("r", index) }] : [own];
	});
}

function render(
	source: string,
	messages: readonly Message[],
	tokens: Readonly<Record<string, string>>,
): Result<string, string> {
	try {
		return succeed(new Jinja(source).render({ ...tokens, messages, add_generation_prompt: false }));
	} catch (error) {
		return fail(error instanceof Error ? error.message : String(error));
	}
}

/** Cuts the rendered text at its place holders; what stands before one belongs to the piece that it holds. */
function putIn(rendered: string, head: readonly string[], steps: readonly PromptStep[]): Result<Prompt, string> {
	const filled = steps.map((step) => ({ ...step, action: "", result: "" }));
	let at = 0;
	let headText = "";
	let seen = -1;
	for (const match of rendered.matchAll(HOLDER)) {
		const literal = rendered.slice(at, match.index);
		at = match.index + match[0].length;
		const index = Number(match[2]);
		const place = match[1] === "h" ? -1 : index * 2 + (match[1] === "r" ? 1 : 0);
		if (place < seen) return fail("it shows messages in another order");
		seen = place;
		const step = filled[index];
		if (match[1] === "h") headText += literal + (head[index] ?? "");
		else if (step !== undefined && match[1] === "a") step.action = literal + (steps[index]?.action ?? "");
		else if (step !== undefined) step.result = literal + (steps[index]?.result ?? "");
	}
	const missing = filled.findIndex(({ action }) => action === "");
	if (missing !== -1 && steps[missing]?.action !== "") return fail(`it leaves out message ${missing + 1}`);
	return succeed({ head: headText, steps: filled, tail: rendered.slice(at) });
}
