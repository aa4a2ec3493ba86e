// GUI-Critic: single decisions of GUI agents with a verdict. The prompt holds the instruction, the steps before and the
// decision; the solution says whether it is correct and what to do instead.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, blankStep, numberSteps } from "../model/create.ts";
import { asArray, asId, asObject, asString, type JsonObject, type JsonValue, member, without } from "../model/json.ts";
import type { Rollout, Step, ToolCall } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { storedLabel } from "./fields.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { firstObject, recordFraming } from "./layout.ts";
import { readArguments } from "./parts.ts";

export const guiCritic: RecordFormat = {
	id: "gui-critic",
	title: "GUI-Critic step judgements",
	reads:
		"the instruction, the steps before, the judged decision as a call with its screenshot; the verdict as a label of that step",
	leaves: "the judge's instructions",
	unit: "record",
	sniff: (sample: Sample): number => {
		const first = firstObject(sample);
		return first !== null &&
			verdictOf(first) !== null &&
			asString(member(first, "problem")) !== null &&
			Array.isArray(member(first, "images"))
			? 0.95
			: 0;
	},
	framing: recordFraming,
	readRecord,
};

interface Verdict {
	rating: 1 | -1;
	suggestion: string;
}

function verdictOf(fields: JsonObject): Verdict | null {
	const [, word, rest = ""] =
		/^\s*(Correct|Incorrect)\b([\s\S]*)$/i.exec(asString(member(fields, "solution")) ?? "") ?? [];
	if (word === undefined) return null;
	const suggestion = rest.trim();
	return {
		rating: word.toLowerCase() === "correct" ? 1 : -1,
		suggestion: suggestion
			.trim()
			.replace(/^"([\s\S]*)"$/, "$1")
			.replaceAll("\\n", "\n")
			.trim(),
	};
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const problem = asString(member(fields ?? undefined, "problem"));
	const verdict = fields === null ? null : verdictOf(fields);
	if (fields === null || problem === null || verdict === null) {
		context.problem(
			record.place,
			fields === null ? "not an object" : problem === null ? "no problem" : "the solution is no verdict",
		);
		return [];
	}
	const parts = partsOf(problem);
	const rollout = blankRollout(record.place, asId(member(fields, "id")) ?? String(record.ordinal), "");
	const step = (role: Step["role"], text: string, index: number | null): Step =>
		Object.assign(blankStep({ ...record.place, index }, role), { text });
	const before = parts.history.map((text, index) => step("agent", text, index + 1));
	const judged = step("agent", "", parts.history.length + 1);
	judged.calls = [parts.decision];
	judged.images = (asArray(member(fields, "images")) ?? []).flatMap((path) =>
		typeof path === "string" ? [{ mediaType: null, path, pointer: null, place: null }] : [],
	);
	rollout.steps = numberSteps([step("user", parts.instruction, null), ...before, judged]);
	rollout.labels.push(
		storedLabel({
			target: "rating",
			step: judged.step,
			originalIndex: judged.origin.index,
			rating: verdict.rating,
			text: verdict.suggestion || null,
		}),
	);
	rollout.title = oneLine(parts.instruction, 120);
	rollout.extra = without(fields, new Set(["problem", "images"]));
	return [finishRollout(rollout)];
}

interface Parts {
	instruction: string;
	history: string[];
	decision: ToolCall;
}

const HEADINGS = ["1. User instruction:", "2. History:", "3. Decision:", "4. Image"] as const;

/** The numbered parts of the prompt; a prompt of another make is the instruction as a whole. */
function partsOf(problem: string): Parts {
	const sections: string[] = [];
	let from = problem.lastIndexOf(HEADINGS[0]);
	for (const [index, heading] of HEADINGS.slice(0, 3).entries()) {
		if (from === -1) break;
		const next = problem.indexOf(HEADINGS[index + 1] ?? "", from);
		sections.push(problem.slice(from + heading.length, next === -1 ? problem.length : next).trim());
		from = next;
	}
	const [instruction = problem, history = "", decision = ""] = sections;
	return {
		instruction,
		history: history.split(/Step \d+:/).flatMap((text) => text.trim().replace(/;$/, "").trim() || []),
		decision: decisionOf(decision.replace(/^Action:/, "").trim()),
	};
}

/** `{"name", "arguments"}` as JSON, or a Python dictionary with the action's name, which stays text. */
function decisionOf(text: string): ToolCall {
	const decoded: JsonValue = readArguments(text);
	const inner = asObject(member(decoded, "arguments")) ?? asObject(decoded);
	const name = asString(member(inner ?? undefined, "action")) ?? /['"]action['"]:\s*['"](\w+)['"]/.exec(text)?.[1];
	return {
		id: null,
		name: name ?? "action",
		arguments: inner === null ? text : without(inner, new Set(["action"])),
		requestor: null,
	};
}
