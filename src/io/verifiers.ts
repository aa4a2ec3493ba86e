// What rewards a continuation: its answer against the reference, a program of the user's, or an address.
import { parseJson } from "../core/json/parse.ts";
import { asNumber, asObject, type JsonValue, member } from "../core/model/json.ts";
import { outcomeOfReward } from "../core/model/outcome.ts";
import { fail, type Result, succeed } from "../core/model/problem.ts";
import type { Outcome } from "../core/model/trajectory.ts";
import { fillTemplate } from "../core/replay/commandTemplate.ts";
import { type AnswerCheck, answerIsRight } from "../core/rerun/answers.ts";
import { type ChatMessage, sentMessage } from "../core/rerun/chat.ts";
import { fetchWithin } from "./backends/fetchWithin.ts";
import { reasonOf } from "./byteSource.ts";
import { runProgram } from "./runProgram.ts";

export type Verifier =
	| { kind: "answer"; check: AnswerCheck }
	/** Reads the rollout as JSON on standard input, `${rollout}` as an argument; prints `{"reward", "components"}`. */
	| { kind: "command"; command: string[]; cwd: string | null }
	/** Takes `{"messages"}` by POST, answers the same. */
	| { kind: "http"; url: string };

export interface Reward {
	reward: number;
	components: Record<string, number>;
	outcome: Outcome;
}

export interface Judged {
	messages: readonly ChatMessage[];
	/** The log's correct answer. */
	reference: string | null;
}

const MILLISECONDS = 120_000;
const BYTES = 4 * 1024 * 1024;

/** Never throws: a verifier that cannot judge is a reason, not a failure of the rollout. */
export async function verify(verifier: Verifier, judged: Judged, signal: AbortSignal): Promise<Result<Reward, string>> {
	switch (verifier.kind) {
		case "answer":
			return verifyAnswer(verifier.check, judged);
		case "command":
			return verifyByCommand(verifier, judged, signal);
		case "http":
			return verifyByAddress(verifier.url, judged, signal);
	}
}

function verifyAnswer(check: AnswerCheck, { messages, reference }: Judged): Result<Reward, string> {
	if (reference === null) return fail("the log states no correct answer");
	const answer = messages.findLast(({ role, content }) => role === "assistant" && content !== null && content !== "");
	const right = answerIsRight(check, answer?.content ?? "", reference);
	return right === null ? fail(`the reference cannot be compared: ${check}`) : rewardOf({ reward: right ? 1 : 0 });
}

async function verifyByCommand(
	{ command, cwd }: Extract<Verifier, { kind: "command" }>,
	judged: Judged,
	signal: AbortSignal,
): Promise<Result<Reward, string>> {
	const rollout = bodyOf(judged);
	const filled = fillTemplate(command, { rollout });
	if (!filled.ok) return filled;
	const end = await runProgram({
		command: filled.value,
		cwd,
		input: rollout,
		milliseconds: MILLISECONDS,
		bytes: BYTES,
		signal,
	});
	if (end.kind === "failed") return fail(`the verifier: ${end.reason}`);
	if (end.code !== 0) return fail(`the verifier ended with ${end.code}: ${end.stderr.trim().slice(-300)}`);
	return parseReward(end.stdout);
}

async function verifyByAddress(url: string, judged: Judged, signal: AbortSignal): Promise<Result<Reward, string>> {
	try {
		const response = await fetchWithin(
			url,
			{
				method: "POST",
				headers: { "content-type": "application/json" },
				body: bodyOf(judged),
				redirect: "error",
				signal: AbortSignal.any([signal, AbortSignal.timeout(MILLISECONDS)]),
			},
			BYTES,
		);
		const text = await response.text();
		return response.ok ? parseReward(text) : fail(`the verifier answered ${response.status}: ${text.slice(0, 300)}`);
	} catch (error) {
		return fail(`the verifier: ${reasonOf(error)}`);
	}
}

function bodyOf({ messages, reference }: Judged): string {
	return JSON.stringify({ messages: messages.map(sentMessage), ...(reference === null ? {} : { reference }) });
}

function parseReward(text: string): Result<Reward, string> {
	const parsed = parseJson(text.trim());
	return parsed.ok ? rewardOf(parsed.value) : fail(`the verifier printed no JSON: ${text.trim().slice(0, 200)}`);
}

function rewardOf(value: JsonValue): Result<Reward, string> {
	const reward = asNumber(member(value, "reward"));
	if (reward === null) return fail("the verifier gave no reward");
	const components = Object.entries(asObject(member(value, "components")) ?? {}).flatMap(([name, entry]) => {
		const number = typeof entry === "boolean" ? Number(entry) : asNumber(entry);
		return number === null ? [] : [[name, number] as const];
	});
	return succeed({ reward, components: Object.fromEntries(components), outcome: outcomeOfReward(reward) });
}
