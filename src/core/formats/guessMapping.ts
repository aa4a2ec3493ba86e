// Guesses a mapping for JSON that no format knows, from the names and kinds of its members. Every guess is told, so that
// a person can put it right in the setting.
import { pointerOf } from "../json/scan.ts";
import { asArray, asString, isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { roleNamed } from "./chatMessages.ts";
import { type CustomMapping, decodeMappings } from "./customMapping.ts";
import type { Sample } from "./format.ts";
import { onlyValue, sampleRecords } from "./layout.ts";

export interface Guess {
	mapping: CustomMapping;
	/** The mapping as it would stand in the setting. */
	setting: JsonObject;
	/** What was guessed, one plain sentence each. */
	notes: string[];
}

const ROLE_KEYS = ["role", "who", "speaker", "from", "author", "sender", "source", "actor", "type", "kind"];
const TEXT_KEYS = [
	"content",
	"text",
	"message",
	"says",
	"said",
	"value",
	"utterance",
	"body",
	"msg",
	"response",
	"answer",
];
const STEP_KEYS: [string, string[]][] = [
	["index", ["step", "index", "step_id", "turn", "turn_idx", "n"]],
	["reasoning", ["thought", "thoughts", "reasoning", "think", "thinks", "thinking", "rationale"]],
	["calls", ["tool_calls", "calls", "tool_call", "action", "actions", "function_call", "command", "tool"]],
	["observations", ["observation", "observations", "result", "results", "tool_result", "environment", "obs", "output"]],
	["time", ["timestamp", "time", "ts", "created_at", "at"]],
	["reward", ["reward"]],
	["model", ["model"]],
];
const ROLLOUT_KEYS: [string, string[]][] = [
	["id", ["rollout_id", "trajectory_id", "run_id", "session_id", "conversation_id", "id", "uuid"]],
	["task", ["task_id", "problem_id", "question_id", "example_id", "task", "problem_idx"]],
	["prompt", ["prompt", "question", "query", "instruction", "goal", "problem", "task_description"]],
	["reward", ["reward", "score", "return", "total_reward"]],
	["success", ["success", "solved", "resolved", "is_correct", "correct", "passed", "won"]],
	["answer", ["final_answer", "prediction", "answer"]],
	["model", ["model", "model_name"]],
	["time", ["timestamp", "created_at", "start_time", "started_at", "time"]],
];
const GROUP_KEYS = [
	"rollout_id",
	"trajectory_id",
	"run_id",
	"session_id",
	"sessionId",
	"conversation_id",
	"thread_id",
	"episode_id",
];

/** Null where nothing in the sample looks like steps. */
export function guessMapping(sample: Sample): Guess | null {
	const records = sampleRecords(sample).filter(isObject);
	const [first] = records;
	if (first === undefined) return null;
	const inRecords = bestSteps(first);
	if (inRecords !== null) return guess("", first, inRecords);
	if (onlyValue(sample) !== undefined) {
		for (const { pointer, list } of listsOf(first)) {
			const inner = list.find(isObject);
			const steps = inner === undefined ? null : bestSteps(inner);
			if (inner !== undefined && steps !== null) return guess(pointer, inner, steps);
		}
	}
	return records.length > 1 && looksLikeStep(first) > 0 ? guessRows(records) : null;
}

interface List {
	pointer: string;
	list: JsonValue[];
}

/** Lists of objects at most three levels down, not inside other lists. */
function listsOf(root: JsonObject): List[] {
	const found: List[] = [];
	let level: { pointer: string; value: JsonObject }[] = [{ pointer: "", value: root }];
	for (let depth = 0; depth < 3; depth++) {
		const next: typeof level = [];
		for (const { pointer, value } of level) {
			for (const [key, member] of Object.entries(value).slice(0, 100)) {
				const at = pointer + pointerOf(key);
				const list = asArray(member);
				if (list?.some(isObject)) found.push({ pointer: at, list });
				else if (isObject(member)) next.push({ pointer: at, value: member });
			}
		}
		level = next;
	}
	return found;
}

/** The list whose elements look most like steps; the longest among equals. */
function bestSteps(root: JsonObject): List | null {
	let best: List | null = null;
	let most = 0;
	for (const entry of listsOf(root)) {
		const elements = entry.list.slice(0, 20).filter(isObject);
		const looks =
			elements.reduce((sum, element) => sum + looksLikeStep(element), 0) / Math.max(1, entry.list.slice(0, 20).length);
		const score = looks + Math.min(entry.list.length, 20) / 1000;
		if (looks >= 1 && score > most) {
			best = entry;
			most = score;
		}
	}
	return best;
}

/** 0 for what says and does nothing; more for a role with a text, a thought, an action, an observation. */
function looksLikeStep(value: JsonObject): number {
	const has = (keys: string[]): boolean => keys.some((key) => Object.hasOwn(value, key) && value[key] !== null);
	const says = textKey([value]) !== null;
	const speaks = ROLE_KEYS.some((key) => typeof value[key] === "string" && (value[key] as string).length < 40) && says;
	const [reasoning, calls, observations] = ["reasoning", "calls", "observations"].map((field) => has(keysOf(field)));
	return Number(speaks) + Number(reasoning) + Number(calls) + Number(observations);
}

function keysOf(field: string): string[] {
	return STEP_KEYS.find(([name]) => name === field)?.[1] ?? [];
}

/** The member that says something: one of the usual names, else the one with the longest texts. */
function textKey(steps: JsonObject[]): string | null {
	const usual = TEXT_KEYS.find((key) =>
		steps.some((step) => typeof step[key] === "string" || Array.isArray(step[key])),
	);
	if (usual !== undefined) return usual;
	const taken = new Set([...ROLE_KEYS, ...STEP_KEYS.flatMap(([, keys]) => keys)]);
	const lengths = new Map<string, number>();
	for (const step of steps) {
		for (const [key, value] of Object.entries(step)) {
			if (typeof value === "string" && !taken.has(key) && !/id$/i.test(key))
				lengths.set(key, (lengths.get(key) ?? 0) + value.length);
		}
	}
	const [longest] = [...lengths].sort((a, b) => b[1] - a[1]);
	return longest !== undefined && longest[1] >= 12 * steps.length ? longest[0] : null;
}

/** The member whose few short words say who speaks. */
function roleKey(steps: JsonObject[]): string | null {
	for (const key of ROLE_KEYS) {
		const words = wordsOf(steps, key);
		const known = words.filter((word) => roleNamed(word) !== null || guessRole(word) !== null);
		if (words.length > 0 && words.length <= 8 && known.length * 2 >= words.length) return key;
	}
	return null;
}

function wordsOf(steps: JsonObject[], key: string): string[] {
	return [...new Set(steps.flatMap((step) => asString(step[key]) ?? []))];
}

/** Words that are no usual name of a role but mean one. */
function guessRole(word: string): "agent" | "user" | "system" | "environment" | null {
	if (/agent|assistant|bot|model|\bai\b|planner|actor|policy|llm/i.test(word)) return "agent";
	if (/user|human|customer|client|person|asker/i.test(word)) return "user";
	if (/tool|function|env|observation|result|api/i.test(word)) return "environment";
	return /system|instruction|prompt/i.test(word) ? "system" : null;
}

function guess(rollouts: string, record: JsonObject, steps: List): Guess {
	const elements = steps.list.slice(0, 50).filter(isObject);
	const notes = [`steps: the entries of ${steps.pointer}${rollouts === "" ? "" : ` in each entry of ${rollouts}`}`];
	const { step, roles } = guessStep(elements, notes);
	const rollout = guessFields(ROLLOUT_KEYS, [record], "rollout", notes);
	return finished({ ...(rollouts === "" ? {} : { rollouts }), steps: steps.pointer, rollout, step, roles }, notes);
}

/** Records that are steps themselves. */
function guessRows(records: JsonObject[]): Guess {
	const named = GROUP_KEYS.find((key) => records.every((record) => record[key] !== undefined));
	const groupBy = named === undefined ? "" : pointerOf(named);
	const notes = [
		`each record is one step; ${groupBy === "" ? "the file is one rollout" : `records with the same ${groupBy} are one rollout`}`,
	];
	const { step, roles } = guessStep(records, notes);
	return finished({ groupBy, step, roles }, notes);
}

function guessStep(steps: JsonObject[], notes: string[]): { step: JsonObject; roles: JsonObject } {
	const role = roleKey(steps);
	const text = textKey(steps);
	const fields = guessFields(STEP_KEYS, steps, "step", notes);
	if (text !== null && fields.observations === pointerOf(text)) delete fields.observations;
	if (text !== null) notes.push(`step.text: ${pointerOf(text)}`);
	if (role === null) notes.push("step.role: none found, so every step is the agent's");
	const roles: JsonObject = {};
	for (const word of role === null ? [] : wordsOf(steps, role)) {
		const meant = roleNamed(word) === null ? guessRole(word) : null;
		if (meant !== null) roles[word] = meant;
	}
	const meanings = Object.entries(roles).map(([word, meant]) => `${word} = ${String(meant)}`);
	if (role !== null)
		notes.push(`step.role: ${pointerOf(role)}${meanings.length === 0 ? "" : ` (${meanings.join(", ")})`}`);
	return {
		step: {
			...(role === null ? {} : { role: pointerOf(role) }),
			...(text === null ? {} : { text: pointerOf(text) }),
			...fields,
		},
		roles,
	};
}

function guessFields(keys: [string, string[]][], values: JsonObject[], section: string, notes: string[]): JsonObject {
	const found: JsonObject = {};
	for (const [field, names] of keys) {
		const name = names.find((key) => values.some((value) => value[key] !== undefined && value[key] !== null));
		if (name === undefined || Object.values(found).includes(pointerOf(name))) continue;
		found[field] = pointerOf(name);
		notes.push(`${section}.${field}: ${pointerOf(name)}`);
	}
	return found;
}

function finished(setting: JsonObject, notes: string[]): Guess {
	const [mapping] = decodeMappings({ guessed: setting }).mappings;
	if (mapping === undefined) throw new Error("a guessed mapping must be a valid one");
	return { mapping, setting, notes };
}
