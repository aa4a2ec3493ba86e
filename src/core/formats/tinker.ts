// Tinker cookbook outputs: rollout summaries (steps without text) and lists of sampled programs with their rewards.
import { RecordPlaces } from "../json/places.ts";
import { exactId, type JsonRecord } from "../json/record.ts";
import { blankRollout, blankStep, numberSteps } from "../model/create.ts";
import {
	asArray,
	asBoolean,
	asId,
	asNumber,
	asObject,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	without,
} from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { numericMembers, promptTask, readReward, textPlaces, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { completionTurn, templateTurns } from "./templateSteps.ts";
import { stepsOfTurns } from "./turns.ts";

const PROGRAMS = ["final_program", "example_program", "program"];
const SUMMARY_READ = new Set(["steps", "total_reward", "trajectory_metrics", "group_idx", "traj_idx", "iteration"]);

export const tinker: RecordFormat = {
	id: "tinker",
	title: "Tinker cookbook rollouts",
	reads:
		"rollout summaries: steps with rewards, metrics and lengths, groups, iteration; sampled programs with task, reward and verdict",
	leaves:
		"summaries hold no text, so steps show their lengths and logs only; shares of correct programs are metrics, not rewards",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			if (isSummary(record)) return 0.95;
			return programOf(record) !== null && (member(record, "family") ?? member(record, "task")) !== undefined ? 0.8 : 0;
		}),
	framing: recordFraming,
	readRecord,
};

function isSummary(record: JsonObject): boolean {
	return (
		Array.isArray(member(record, "steps")) &&
		member(record, "traj_idx") !== undefined &&
		member(record, "group_idx") !== undefined
	);
}

function programOf(record: JsonObject): string | null {
	return PROGRAMS.find((key) => typeof member(record, key) === "string") ?? null;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	if (fields !== null && isSummary(fields)) return [readSummary(record, fields, context)];
	const program = fields === null ? null : programOf(fields);
	if (fields === null || program === null) {
		context.problem(record.place, fields === null ? "not an object" : "neither a rollout summary nor a program");
		return [];
	}
	return [readProgram(record, fields, program, context)];
}

function readSummary(record: JsonRecord, fields: JsonObject, context: ReadContext): Rollout {
	const task = exactId(record, member(fields, "group_idx"), "/group_idx") ?? String(record.ordinal);
	const trial = exactId(record, member(fields, "traj_idx"), "/traj_idx") ?? String(record.ordinal);
	const rollout = blankRollout(record.place, `${task}/${trial}`, task);
	const places = new RecordPlaces(record, context.locate);
	rollout.steps = numberSteps((asArray(fields.steps) ?? []).map((value, index) => summaryStep(value, index, places)));
	rollout.reward = readReward(member(fields, "total_reward"), record.place, context);
	rollout.rewards = numericMembers(asObject(member(fields, "trajectory_metrics")));
	rollout.outcome = outcomeOf(asObject(member(fields, "trajectory_metrics")) ?? {}, rollout.reward);
	rollout.trainingStep = asNumber(member(fields, "iteration"));
	rollout.agent = asId(asArray(member(fields, "tags"))?.[0]);
	rollout.ending = asString(member(asArray(fields.steps)?.at(-1), "stop_reason"));
	rollout.title = `group ${task}`;
	rollout.extra = without(fields, SUMMARY_READ);
	return rollout;
}

function summaryStep(value: JsonValue, index: number, places: RecordPlaces): Step {
	const step = blankStep(
		{ ...places.of(value, `/steps/${index}`), index: asNumber(member(value, "step_idx")) ?? index },
		"agent",
	);
	step.reward = asNumber(member(value, "reward"));
	step.tokens = {
		prompt: asNumber(member(value, "ob_len")),
		completion: asNumber(member(value, "ac_len")),
		cached: null,
		reasoning: null,
	};
	if (isObject(value)) step.extra = without(value, new Set(["reward", "step_idx", "ob_len", "ac_len"]));
	return step;
}

function readProgram(record: JsonRecord, fields: JsonObject, key: string, context: ReadContext): Rollout {
	const prompt = asString(member(fields, "prompt"));
	const task =
		asId(member(fields, "task")) ??
		asId(member(fields, "name")) ??
		asId(member(fields, "family")) ??
		promptTask(prompt ?? "");
	const rollout = blankRollout(record.place, `${task}/${record.ordinal}`, task);
	const turns =
		prompt === null
			? []
			: templateTurns({ text: prompt, places: textPlaces(record, "/prompt", context) }, null, "user");
	const answer = { text: asString(fields[key]) ?? "", places: textPlaces(record, `/${key}`, context) };
	rollout.steps = stepsOfTurns([...turns, completionTurn(answer)], context);
	rollout.reward = readReward(member(fields, "reward"), record.place, context);
	rollout.rewards = numericMembers(fields, new Set(["reward"]));
	rollout.outcome =
		asBoolean(member(fields, "correct")) === null && rollout.reward === null
			? "unknown"
			: outcomeOf(fields, rollout.reward);
	rollout.title = titleOf(prompt ?? task, []);
	rollout.extra = without(fields, new Set([key, "prompt", "reward"]));
	return rollout;
}
