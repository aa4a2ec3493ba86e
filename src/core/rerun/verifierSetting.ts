// How people name a verifier in settings and flags: a word, an address, a command, or an object.
import { parseJson } from "../json/parse.ts";
import { asString, isObject, type JsonObject, type JsonValue, member } from "../model/json.ts";
import { fail, type Result, succeed } from "../model/problem.ts";
import { ANSWER_CHECKS, type AnswerCheck } from "./answers.ts";

export type VerifierSetting =
	/** The final answer against the log's. */
	| { kind: "answer"; check: AnswerCheck }
	/** Takes `{"messages"}` by POST, answers `{"reward", "components"}`. */
	| { kind: "http"; url: string }
	/** Reads the rollout as JSON on standard input, `${rollout}` as an argument; prints the same. */
	| { kind: "command"; command: string[] }
	/** A tool of a backend that takes `{"messages"}` and answers the same. */
	| { kind: "mcp"; backend: string; tool: string }
	/** What a tool says of the final state, asked in the continuation's own environment; members by JSON pointer. */
	| { kind: "state"; backend: string; tool: string; expect: JsonObject }
	/** A model that is shown the conversation and the rubric; null asks the endpoint or model of the agent. */
	| { kind: "rubric"; rubric: string; endpoint: string | null; model: string | null }
	/** Asks the person. */
	| { kind: "person" };

export const VERIFIER_FORMS = `${ANSWER_CHECKS.join(", ")}, person, an address, a command as in ["python3", "verify.py"], or an object with mcp, state or rubric`;

/** Decodes a setting, or the text of a flag, in which lists and objects are JSON. */
export function readVerifier(value: JsonValue): Result<VerifierSetting, string> {
	if (typeof value === "string") return readWord(value);
	if (Array.isArray(value)) {
		const command = value.filter((part) => typeof part === "string");
		const whole = command.length > 0 && command.length === value.length;
		return whole ? succeed({ kind: "command", command }) : fail("a command is a list of texts");
	}
	return isObject(value) ? readObject(value) : wrong();
}

function readWord(text: string): Result<VerifierSetting, string> {
	const check = ANSWER_CHECKS.find((name) => name === text);
	if (check !== undefined) return succeed({ kind: "answer", check });
	if (text === "person") return succeed({ kind: "person" });
	if (/^https?:\/\//.test(text)) return succeed({ kind: "http", url: text });
	const parsed = /^\s*[[{]/.test(text) ? parseJson(text) : null;
	return parsed?.ok === true ? readVerifier(parsed.value) : wrong();
}

function readObject(value: JsonObject): Result<VerifierSetting, string> {
	const text = (key: string) => asString(member(value, key));
	const [mcp, state, rubric, tool] = [text("mcp"), text("state"), text("rubric"), text("tool")];
	const expect = member(value, "expect");
	if (mcp !== null) return tool === null ? fail("mcp: name the tool") : succeed({ kind: "mcp", backend: mcp, tool });
	if (state !== null) {
		if (tool === null || !isObject(expect)) return fail("state: name the tool, and what to expect by JSON pointer");
		return succeed({ kind: "state", backend: state, tool, expect });
	}
	if (rubric !== null) return succeed({ kind: "rubric", rubric, endpoint: text("endpoint"), model: text("model") });
	return wrong();
}

function wrong(): Result<VerifierSetting, string> {
	return fail(`a verifier is ${VERIFIER_FORMS}`);
}
