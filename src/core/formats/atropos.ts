// Atropos rollouts: one line is one group, member by member in parallel lists; or a group of preference pairs.

import { RecordPlaces } from "../json/places.ts";
import { exactId, type JsonRecord, locateElements } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout } from "../model/create.ts";
import {
	asArray,
	asNumber,
	asObject,
	asString,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Place, Rollout, Step, TokenDetail } from "../model/trajectory.ts";
import { templateOf } from "../text/chatTemplate.ts";
import { messageTurn, roleOf } from "./chatMessages.ts";
import { numberList, readReward, storedLabel, textPlacesAt, titleOf, tokenDetail } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { templateTurns } from "./templateSteps.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

export const atropos: RecordFormat = {
	id: "atropos",
	title: "Atropos rollout groups",
	reads:
		"every member of a group as a rollout: messages or decoded text, score, tokens with mask, scores per token, log-probabilities and advantages of the trained turns; preference pairs with their verdicts",
	leaves:
		"token weights, overrides and pictures are kept raw; members whose lists are shorter than the group's are reported",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			if (!isNested(record.tokens) || !isNested(record.masks)) return isPair(record) ? 0.9 : 0;
			return 0.95;
		}),
	framing: recordFraming,
	readRecord,
};

function isNested(value: JsonValue | undefined): boolean {
	return Array.isArray(asArray(value)?.[0]);
}

function isPair(record: JsonObject): boolean {
	return (
		["prompt", "chosen", "rejected"].every((key) => Array.isArray(member(record, key))) &&
		isNested(member(record, "chosen_tokens"))
	);
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	if (fields === null) {
		context.problem(record.place, "not an object");
		return [];
	}
	if (Array.isArray(fields.chosen) && Array.isArray(fields.rejected)) return readPairs(record, fields, context);
	const size = groupSize(fields);
	if (size === 0) {
		context.problem(record.place, "a group without members");
		return [];
	}
	reportRagged(record, fields, size, context);
	const task = taskOf(record, fields);
	const group = new GroupTexts(record, context);
	return Array.from({ length: size }, (_, index) => readMember(group, fields, task, index));
}

const MEMBER_LISTS = [
	"tokens",
	"masks",
	"scores",
	"token_scores",
	"messages",
	"advantages",
	"ref_logprobs",
	"inference_logprobs",
];

function groupSize(fields: JsonObject): number {
	return Math.max(0, ...["tokens", "scores", "messages"].map((key) => asArray(member(fields, key))?.length ?? 0));
}

function reportRagged(record: JsonRecord, fields: JsonObject, size: number, context: ReadContext): void {
	for (const key of MEMBER_LISTS) {
		const length = asArray(member(fields, key))?.length;
		if (length !== undefined && length !== size)
			context.problem(record.place, `the group has ${size} members, but ${length} ${key}`);
	}
}

/** A line is a group of its own, even where an environment writes several groups for one seed. */
function taskOf(record: JsonRecord, fields: JsonObject): string {
	const seed = exactId(record, member(fields, "seed"), "/seed");
	return seed === null ? `group-${record.ordinal}` : `${seed}/${record.ordinal}`;
}

/** Conversations of a group's members; places are looked up once for all of them. */
class GroupTexts {
	readonly record: JsonRecord;
	readonly context: ReadContext;
	private readonly containers: RecordPlaces;
	private readonly elements = new Map<string, Place[]>();

	constructor(record: JsonRecord, context: ReadContext) {
		this.record = record;
		this.context = context;
		this.containers = new RecordPlaces(record, context.locate);
	}

	/** Turns of one member of the list `key`, which is a text or a list of messages. */
	turns(key: string, value: JsonValue | undefined, index: number, first: string): Turn[] {
		const pointer = pointerOf(key, index);
		if (typeof value === "string") {
			const source = { text: value, places: textPlacesAt(this.record, this.placesOf(key)[index], pointer) };
			return templateTurns(source, templateOf(value.replace(PADDING, "")), first);
		}
		let acted = false;
		return (asArray(value) ?? []).flatMap((message, at): Turn[] => {
			const fields = asObject(message);
			const place = this.containers.of(message, `${pointer}/${at}`);
			if (fields === null) {
				this.context.problem(place, `message ${at} is not an object`);
				return [];
			}
			const role = roleOf(fields);
			if (role === "agent") acted = true;
			// the environment speaks first: nothing has asked for it yet
			return [messageTurn(fields, place, at, role === "environment" && !acted ? "user" : role)];
		});
	}

	private placesOf(key: string): Place[] {
		const known = this.elements.get(key);
		if (known !== undefined) return known;
		const places = this.context.locate ? locateElements(this.record, pointerOf(key)) : [];
		this.elements.set(key, places);
		return places;
	}
}

/** Batches are padded on the left. */
const PADDING = /^(?:<\|[a-z_]{1,20}\|>)+(?=<\|[a-z_]{1,20}\|>)/;

function readMember(group: GroupTexts, fields: JsonObject, task: string, index: number): Rollout {
	const { record, context } = group;
	const rollout = blankRollout(record.place, `${task}/${index}`, task);
	const turns = group.turns("messages", memberAt(fields, "messages", index), index, "user");
	rollout.steps = stepsOfTurns(turns, context);
	addTokens(rollout.steps, fields, index);
	rollout.reward = readReward(memberAt(fields, "scores", index), record.place, context);
	rollout.outcome = outcomeOf({}, rollout.reward);
	rollout.answer = asString(memberAt(fields, "parsed_actions", index));
	rollout.title = titleOf(null, rollout.steps);
	rollout.extra = ownExtra(fields, index);
	return rollout;
}

/** What is left of the group, of lists only the member's own part. */
function ownExtra(fields: JsonObject, index: number): JsonObject {
	const rest = without(fields, new Set([...MEMBER_LISTS, "parsed_actions", "prompt", "chosen", "rejected"]));
	const size = groupSize(fields);
	return Object.fromEntries(
		Object.entries(rest).map(([key, value]) => [
			key,
			asArray(value)?.length === size ? ((value as JsonValue[])[index] ?? null) : value,
		]),
	);
}

/**
 * Tokens are logged for the whole conversation; what is masked out (-100, or 0 where the mask holds 0 and 1) belongs to
 * the prompt. Each run of trained tokens is one of the last turns of the agent.
 */
function addTokens(steps: Step[], fields: JsonObject, index: number): void {
	const ids = numberList(memberAt(fields, "tokens", index));
	const mask = numberList(memberAt(fields, "masks", index));
	if (ids === null || mask === null) return;
	const runs = trainedRuns(mask);
	const agent = steps.filter((step) => step.role === "agent").slice(-runs.length);
	if (runs.length === 0 || agent.length !== runs.length) return;
	const lists: Partial<TokenDetail> = {
		ids,
		rewards: numberList(memberAt(fields, "token_scores", index)),
		logprobs: numberList(memberAt(fields, "inference_logprobs", index)),
		referenceLogprobs: numberList(memberAt(fields, "ref_logprobs", index)),
		advantages: numberList(memberAt(fields, "advantages", index)),
	};
	agent.forEach((step, at) => {
		const [start, end] = runs[at] as [number, number];
		const own = Object.entries(lists).map(([key, list]) => [key, list?.slice(start, end) ?? null]);
		step.tokenDetail = tokenDetail({ ...Object.fromEntries(own), mask: Array.from({ length: end - start }, () => 1) });
	});
}

function trainedRuns(mask: number[]): [number, number][] {
	const out = mask.includes(-100) ? -100 : 0;
	const runs: [number, number][] = [];
	mask.forEach((value, at) => {
		if (value === out) return;
		const last = runs.at(-1);
		if (last !== undefined && last[1] === at) last[1] = at + 1;
		else runs.push([at, at + 1]);
	});
	return runs;
}

/** A preference pair is one task with two rollouts; the preference is a verdict about them, not a reward. */
function readPairs(record: JsonRecord, fields: JsonObject, context: ReadContext): Rollout[] {
	const pairs = Math.max(asArray(fields.chosen)?.length ?? 0, asArray(fields.rejected)?.length ?? 0);
	const group = new GroupTexts(record, context);
	return Array.from({ length: pairs }, (_, index) => index).flatMap((index) => {
		const task = pairs === 1 ? `pair-${record.ordinal}` : `pair-${record.ordinal}/${index}`;
		return (["chosen", "rejected"] as const).map((side) => {
			const rollout = blankRollout(record.place, `${task}/${side}`, task);
			const asked = group.turns("prompt", memberAt(fields, "prompt", index), index, "user");
			const answered = group.turns(side, memberAt(fields, side, index), index, "assistant");
			rollout.steps = stepsOfTurns([...asked, ...answered], context);
			const tokens = { tokens: fields[`${side}_tokens`] ?? null, masks: fields[`${side}_masks`] ?? null };
			addTokens(rollout.steps, tokens, index);
			if (side === "chosen") rollout.reward = asNumber(memberAt(fields, "scores", index));
			rollout.labels = [storedLabel({ target: "rating", rating: side === "chosen" ? 1 : -1, category: side })];
			rollout.title = titleOf(null, rollout.steps);
			rollout.extra = ownExtra(without(fields, PAIR_LISTS), index);
			return rollout;
		});
	});
}

const PAIR_LISTS = new Set(["chosen_tokens", "chosen_masks", "rejected_tokens", "rejected_masks"]);
