// What is asked of a reward model behind an endpoint, and how its answer becomes a score. No network here.
import { asArray, asNumber, asString, type JsonObject, type JsonValue, member, memberAt } from "../model/json.ts";
import { fail, type Result, succeed } from "../model/problem.ts";
import type { Rollout } from "../model/trajectory.ts";
import type { Evaluation, Meaning } from "./description.ts";
import { cleanerOf, DEFAULT_TEMPLATE, promptOf } from "./prompt.ts";

/** The first three are endpoints of reward models as vLLM and OpenRLHF serve them, the others chat models that judge. */
export const REMOTE_STYLES = ["score", "pooling", "reward", "yes-no", "majority"] as const;
export type RemoteStyle = (typeof REMOTE_STYLES)[number];

interface Style {
	title: string;
	/** Path below the endpoint's address. */
	path: string;
	means: Meaning;
	evaluation: Evaluation;
}

export const STYLES: Readonly<Record<RemoteStyle, Style>> = {
	score: { title: "score of task and answer (vLLM)", path: "/score", means: "outcome", evaluation: "whole" },
	pooling: { title: "pooled reward of a text (vLLM)", path: "/pooling", means: "outcome", evaluation: "whole" },
	reward: { title: "reward of a text (OpenRLHF)", path: "/get_reward", means: "outcome", evaluation: "whole" },
	"yes-no": {
		title: "probability of yes against no",
		path: "/chat/completions",
		means: "process",
		evaluation: "prefix",
	},
	majority: {
		title: "share of yes among several answers",
		path: "/chat/completions",
		means: "process",
		evaluation: "prefix",
	},
};

/** One question: what was asked for, what was done, and the step that the answer scores (null: all of it). */
export interface Question {
	step: number | null;
	head: string;
	body: string;
}

/** Longest text of a question in UTF-16 units; the earliest steps give way, the task stays. */
const LONGEST_BODY = 48_000;

/** The questions about a rollout. A judged step is shown before what came back, as process reward models read it. */
export function questionsOf(rollout: Rollout, evaluation: Evaluation): { questions: Question[]; notes: string[] } {
	const { head, steps } = promptOf(rollout, DEFAULT_TEMPLATE, cleanerOf([]));
	const questions: Question[] = [];
	let shortened = false;
	let body = "";
	const ask = (step: number | null, text: string) => {
		shortened ||= text.length > LONGEST_BODY;
		questions.push({ step, head: withoutMiddle(head), body: text.slice(-LONGEST_BODY) });
	};
	for (const { step, action, result, scored } of steps) {
		body += action;
		if (scored && evaluation !== "whole") ask(step, body);
		body += result;
	}
	if (evaluation === "whole" && steps.some(({ scored }) => scored)) ask(null, body);
	const notes = shortened ? ["longer than is sent: the earliest steps are left out, task and tools are kept"] : [];
	return { questions, notes };
}

function withoutMiddle(text: string): string {
	const half = LONGEST_BODY / 4;
	return text.length <= 2 * half ? text : `${text.slice(0, half)}\n...\n${text.slice(-half)}`;
}

const INSTRUCTION =
	"You judge one step of an agent. You are given the task and the steps so far. Is the last step correct and useful " +
	"for the task? Answer with one word: Yes or No.";

/** The body of the request for a question. @param samples answers wanted, for `majority` */
export function requestFor(style: RemoteStyle, model: string, { head, body }: Question, samples: number): JsonObject {
	if (style === "score") return { model, text_1: head, text_2: body };
	if (style === "pooling") return { model, input: head + body };
	if (style === "reward") return { query: [head + body], prompts: [head] };
	const messages = [
		{ role: "system", content: INSTRUCTION },
		{ role: "user", content: `${head}\nSteps:\n${body}\nIs the last step correct? Yes or No.` },
	];
	if (style === "yes-no") return { model, messages, max_tokens: 1, temperature: 0, logprobs: true, top_logprobs: 20 };
	return { model, messages, max_tokens: 8, temperature: 1, n: samples };
}

/** The score that an answer states; the reason where it states none. */
export function scoreIn(style: RemoteStyle, answer: JsonValue): Result<number, string> {
	if (style === "yes-no") return yesShare(answer);
	if (style === "majority") return majorityOf(answer);
	const stated =
		style === "score"
			? memberAt(answer, "data", 0, "score")
			: style === "reward"
				? memberAt(answer, "rewards", 0)
				: memberAt(answer, "data", 0, "data");
	const score = lastNumber(stated);
	return score === null ? fail(`the answer has no ${style}`) : succeed(score);
}

/** A number, or the last number of lists of numbers: token by token models answer one row a token. */
function lastNumber(value: JsonValue | undefined): number | null {
	let inner = value;
	for (let depth = 0; depth < 4; depth++) {
		const list = asArray(inner);
		if (list === null) break;
		inner = list.at(-1);
	}
	return asNumber(inner);
}

const YES = /^\W*yes\b/i;
const NO = /^\W*no\b/i;

/** P(yes) / (P(yes) + P(no)) at the first token, over all spellings among the likeliest tokens. */
function yesShare(answer: JsonValue): Result<number, string> {
	const tokens = asArray(memberAt(answer, "choices", 0, "logprobs", "content", 0, "top_logprobs")) ?? [];
	let [yes, no] = [0, 0];
	for (const entry of tokens) {
		const token = asString(member(entry, "token")) ?? "";
		const probability = Math.exp(asNumber(member(entry, "logprob")) ?? Number.NEGATIVE_INFINITY);
		if (YES.test(token)) yes += probability;
		else if (NO.test(token)) no += probability;
	}
	if (yes + no > 0) return succeed(yes / (yes + no));
	return fail(
		tokens.length === 0 ? "the endpoint tells no probabilities: use majority" : "neither yes nor no is likely",
	);
}

function majorityOf(answer: JsonValue): Result<number, string> {
	const texts = (asArray(member(answer, "choices")) ?? []).map(
		(choice) => asString(memberAt(choice, "message", "content")) ?? "",
	);
	const yes = texts.filter((text) => YES.test(text)).length;
	const no = texts.filter((text) => NO.test(text)).length;
	return yes + no === 0 ? fail("no answer begins with yes or no") : succeed(yes / (yes + no));
}
