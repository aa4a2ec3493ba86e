// AgentBench runs: JSON Lines of `{index, error, info, output: {status, result, history}, time}`.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import {
	asArray,
	asId,
	asObject,
	asString,
	isObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Rollout } from "../model/trajectory.ts";
import { messageTurn } from "./chatMessages.ts";
import { readReward } from "./fields.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { firstObject, recordFraming } from "./layout.ts";
import { resultText } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

export const agentBench: RecordFormat = {
	id: "agentbench",
	title: "AgentBench runs",
	reads:
		"history, status as ending, result as answer (and verdict or reward where it states one), errors of runs that never began, times; the index as task",
	leaves: "actions inside the agent's text",
	unit: "record",
	sniff: (sample: Sample): number => {
		const first = firstObject(sample);
		if (first === null || member(first, "index") === undefined || !("error" in first)) return 0;
		return Array.isArray(memberAt(first, "output", "history")) || (member(first, "output") === null && "info" in first)
			? 0.9
			: 0;
	},
	framing: recordFraming,
	readRecord,
};

const FAILED = new Set(["agent invalid action", "agent validation failed"]);
const CENSORED = new Set(["task limit reached", "agent context limit", "running", "task error"]);

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const output = asObject(member(fields ?? undefined, "output"));
	const failure = asString(member(fields ?? undefined, "error"));
	if (fields === null || (output === null && failure === null)) {
		context.problem(record.place, fields === null ? "not an object" : "neither output nor error");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const turns = (asArray(member(output ?? undefined, "history")) ?? []).flatMap((message, index): Turn[] => {
		if (isObject(message))
			return [messageTurn(message, places.of(message, pointerOf("output", "history", index)), index)];
		context.problem(record.place, `message ${index} is not an object`);
		return [];
	});
	const index = asId(member(fields, "index")) ?? String(record.ordinal);
	const rollout = sessionRollout(index, [record.place], turns, context);
	const result: JsonValue | undefined = member(output ?? undefined, "result");
	rollout.task = index;
	rollout.ending = asString(member(output ?? undefined, "status")) ?? failure;
	rollout.truncated = CENSORED.has(rollout.ending ?? "") || output === null;
	rollout.answer = resultText(result) || null;
	const stated = asObject(result) ?? {};
	rollout.reward = readReward(member(stated, "reward") ?? member(stated, "score"), record.place, context);
	rollout.outcome = FAILED.has(rollout.ending ?? "") ? "failure" : outcomeOf(stated, rollout.reward);
	rollout.time = readTime(memberAt(fields, "time", "timestamp"));
	rollout.extra = without(fields, new Set(["index", "output", "time"]));
	return [finishRollout(rollout)];
}
