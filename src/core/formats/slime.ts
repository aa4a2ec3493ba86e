// Samples of slime and its relatives (vime, miles) written as JSON: the `.pt` dumps need converting first.
import { exactId, type JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import { asArray, asId, asNumber, asObject, asString, type JsonObject, member, without } from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Rollout, TokenDetail } from "../model/trajectory.ts";
import { messageTurns } from "./chatMessages.ts";
import {
	numberList,
	numericMembers,
	promptTask,
	readReward,
	stepOfName,
	textPlaces,
	titleOf,
	tokenDetail,
} from "./fields.ts";
import type { Framing, ReadContext, RecordFormat, Sample } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { readTextRollout, templateTurns } from "./templateSteps.ts";
import { stepsOfTurns } from "./turns.ts";

const READ = new Set([
	"group_index",
	"index",
	"prompt",
	"response",
	"label",
	"reward",
	"status",
	"tokens",
	"response_length",
	"loss_mask",
	"rollout_log_probs",
]);
/** Any of these beside prompt and response tells a sample from other logs of prompts and responses. */
const OWN = ["group_index", "response_length", "loss_mask", "rollout_log_probs", "rollout_id", "weight_versions"];

export const slime: RecordFormat = {
	id: "slime",
	title: "slime samples",
	reads:
		"prompt as text or messages, response, label, reward or named rewards, status, group, tokens with log-probabilities and loss mask",
	leaves:
		"metadata is kept raw; where a response holds several steps its tokens belong to none of them and are kept raw",
	unit: "record",
	sniff: (sample) => {
		const inner = nested(sample);
		return inner === null ? surestRecord(sample, confidenceIn) : confidenceIn(inner);
	},
	framing: (sample): Framing =>
		nested(sample) === null ? recordFraming(sample) : { kind: "elements", pointer: "/samples" },
	readRecord,
};

/** `{rollout_id, samples: [...]}`, the shape of the saved debug data. */
function nested(sample: Sample): JsonObject | null {
	return sample.layout === "lines" && sample.values.length > 1
		? null
		: asObject(asArray(member(sample.values[0], "samples"))?.[0]);
}

function confidenceIn(record: JsonObject): number {
	if (typeof record.response !== "string" || member(record, "prompt") === undefined) return 0;
	return OWN.some((key) => member(record, key) !== undefined) ? 0.9 : 0;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	if (fields === null || typeof fields.response !== "string") {
		context.problem(record.place, fields === null ? "not an object" : "no response");
		return [];
	}
	const group = exactId(record, member(fields, "group_index"), "/group_index");
	const task = group ?? promptTask(JSON.stringify(member(fields, "prompt") ?? null));
	const trial = exactId(record, member(fields, "index"), "/index") ?? String(record.ordinal);
	const rollout = blankRollout(record.place, `${task}/${trial}`, task);
	readSteps(rollout, record, fields, context);
	readRewards(rollout, record, fields, context);
	rollout.trainingStep = asNumber(member(context.header ?? undefined, "rollout_id")) ?? stepOfName(context.file);
	rollout.reference = asId(member(fields, "label"));
	rollout.ending = asString(member(fields, "status"));
	rollout.truncated = rollout.ending === "truncated" || rollout.ending === "aborted";
	rollout.title = titleOf(null, rollout.steps);
	rollout.extra = without(fields, READ);
	addTokens(rollout, fields);
	return [rollout];
}

function readSteps(rollout: Rollout, record: JsonRecord, fields: JsonObject, context: ReadContext): void {
	const prompt = asArray(member(fields, "prompt"));
	if (prompt === null) {
		readTextRollout(rollout, record, { prompt: "prompt", response: "response" }, context);
		return;
	}
	const response = {
		text: asString(member(fields, "response")) ?? "",
		places: textPlaces(record, "/response", context),
	};
	const turns = [...messageTurns(record, prompt, "/prompt", context), ...templateTurns(response, null, "assistant")];
	rollout.steps = stepsOfTurns(turns, context);
}

/** The reward is a number, or named rewards among which `score` or `reward` is the total. */
function readRewards(rollout: Rollout, record: JsonRecord, fields: JsonObject, context: ReadContext): void {
	const stated = member(fields, "reward");
	const named = asObject(stated);
	rollout.rewards = numericMembers(named);
	const total = named === null ? stated : (member(named, "score") ?? member(named, "reward"));
	rollout.reward = readReward(total, record.place, context);
	rollout.outcome = outcomeOf(fields, rollout.reward);
}

function addTokens(rollout: Rollout, fields: JsonObject): void {
	const length = asNumber(member(fields, "response_length"));
	const ids = numberList(member(fields, "tokens"));
	const detail: Partial<TokenDetail> = {
		ids: ids === null || length === null ? null : ids.slice(Math.max(0, ids.length - length)),
		mask: numberList(member(fields, "loss_mask")),
		logprobs: numberList(member(fields, "rollout_log_probs")),
	};
	const agent = rollout.steps.filter((step) => step.role === "agent");
	if (agent.length === 1 && agent[0] !== undefined) agent[0].tokenDetail = tokenDetail(detail);
	else
		for (const key of ["tokens", "loss_mask", "rollout_log_probs"])
			if (fields[key] !== undefined) rollout.extra[key] = fields[key];
}
