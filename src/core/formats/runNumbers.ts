// Files beside rollouts that hold no rollout: training metrics, aggregates, a run's settings, inputs that were not run.
import { asArray, asNumber, asObject, isObject, type JsonObject, type JsonValue, member } from "../model/json.ts";
import type { RecordFormat, Sample } from "./format.ts";
import { recordFraming, sampleRecords } from "./layout.ts";

export const runNumbers: RecordFormat = {
	id: "run-numbers",
	title: "Metrics and settings of a run",
	reads: "nothing: recognised so that it is not mistaken for rollouts",
	leaves: "all of it",
	unit: "record",
	notTrajectory: true,
	sniff,
	framing: (sample) => (sample.layout === "text" ? { kind: "text" } : recordFraming(sample)),
	readRecord: () => [],
};

/** Members that only summaries and settings have, by the tool that writes them. */
const SETTINGS: string[][] = [
	["num_examples", "rollouts_per_example"],
	["num_examples", "max_tokens", "date"],
	["total_datasets", "total_examples"],
	["completed_datasets", "last_updated"],
	["accuracy", "correct_count", "total_count"],
	["mcts_exploration_weight", "num_rollouts"],
	["model_completion", "gold_answer"],
	["trace_id", "span_rank"],
	["trace_id", "onset", "present"],
];

function sniff(sample: Sample): number {
	if (sample.layout === "text") return /^(?:\s*<PLACEHOLDER ROW>)+\s*$/.test(sample.text.slice(0, 4096)) ? 0.9 : 0;
	const records = sampleRecords(sample).filter(isObject);
	const first = records[0];
	if (first === undefined || records.length < sampleRecords(sample).length) return 0;
	if (SETTINGS.some((keys) => records.every((record) => keys.every((key) => member(record, key) !== undefined))))
		return 0.8;
	if (records.length === 1 && isScoreTable(first)) return 0.8;
	return records.every(isMetrics) || records.every(isInput) ? 0.8 : 0;
}

/** Numbers by state and candidate: an evaluator's cache. */
function isScoreTable(record: JsonObject): boolean {
	const tables = Object.values(record);
	return (
		tables.length >= 2 &&
		tables.every((table) => isObject(table) && Object.values(table).every((value) => asNumber(value) !== null))
	);
}

/** Mostly numbers, some of them named like `reward/mean`. */
function isMetrics(record: JsonObject): boolean {
	const nested = asObject(member(record, "agent_metrics"));
	if (nested !== null) return isMetrics(nested);
	const entries = Object.entries(record);
	const numbers = entries.filter(([, value]) => asNumber(value) !== null);
	const paths = numbers.filter(([key]) => key.includes("/"));
	return (
		paths.length >= 2 && numbers.length >= entries.length - 3 && !entries.some(([, value]) => isConversation(value))
	);
}

function isConversation(value: JsonValue): boolean {
	return isObject(asArray(value)?.[0]);
}

/** NeMo Gym's materialised inputs: what would be asked, without an answer. */
function isInput(record: JsonObject): boolean {
	return (
		asObject(member(record, "responses_create_params")) !== null &&
		member(record, "response") === undefined &&
		member(record, "reward") === undefined
	);
}
