// Where the labels of an evaluation come from, by the names that datasets are known under.

import { storedLabel } from "../../formats/fields.ts";
import { asId, asNumber, asObject, asString, type JsonValue, member } from "../../model/json.ts";
import type { Rollout, StoredLabel } from "../../model/trajectory.ts";
import { type FirstErrorTarget, TARGETS } from "../ranking/weights.ts";

export interface LabelFormat {
	id: string;
	/** Null for the target that most labels of the log speak of. */
	target: FirstErrorTarget | null;
	/**
	 * `log`: in the log itself. `beside`: in a file `truth/NAME.truth.jsonl` beside it. `store`: what people said in the
	 * label store, and nothing else.
	 */
	place: "log" | "beside" | "store";
	title: string;
}

const inLog = (id: string, target: FirstErrorTarget | null, title: string): LabelFormat => ({
	id,
	target,
	place: "log",
	title,
});

export const LABEL_FORMATS: readonly LabelFormat[] = [
	inLog("log", null, "whatever most labels of the log speak of"),
	inLog("agentprocessbench", "firstWrong", "first message rated -1"),
	inLog("processbench", "firstWrong", "first wrong step"),
	inLog("prm800k", "firstWrong", "first step rated -1"),
	inLog("whowhen", "decisive", "decisive mistake"),
	inLog("agenterrorbench", "decisive", "critical failure step"),
	inLog("trail", "firstAnnotated", "first annotated span"),
	inLog("bfcl", "firstAnnotated", "first failing turn"),
	{ id: "store", target: null, place: "store", title: "what people said in the label store" },
	...TARGETS.map(
		(target): LabelFormat => ({
			id: `practice-${target}`,
			target,
			place: "beside",
			title: `exact truth of the practice world: ${target}`,
		}),
	),
];

/** Adds the exact truth of a practice-world rollout as labels; records of other rollouts and other shapes add nothing. */
export function withTruth(rollout: Rollout, truths: ReadonlyMap<string, JsonValue>): Rollout {
	const truth = truths.get(rollout.id);
	return truth === undefined ? rollout : { ...rollout, labels: [...rollout.labels, ...truthLabels(rollout, truth)] };
}

/** Truth records by the rollout that they are about. */
export function truthsByRollout(records: readonly JsonValue[]): Map<string, JsonValue> {
	return new Map(
		records.flatMap((record) => {
			const id = asString(member(record, "rollout_id"));
			return id === null ? [] : [[id, record] as const];
		}),
	);
}

function truthLabels(rollout: Rollout, truth: JsonValue): StoredLabel[] {
	const targets = asObject(member(truth, "targets"));
	if (targets === null) return [];
	return TARGETS.flatMap((target) => {
		if (!Object.hasOwn(targets, target)) return [];
		const message = asNumber(member(targets[target], "message"));
		const step = rollout.steps.find(({ origin }) => String(origin.index) === asId(message ?? undefined))?.step ?? null;
		return [
			storedLabel({ target, step, originalIndex: message, none: targets[target] === null, annotator: "exact values" }),
		];
	});
}
