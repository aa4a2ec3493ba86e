// TRAIL's own measures, over all marked errors of a trace and not only the first: location accuracy and joint accuracy of
// location and category, as its scorer computes them (shares of the marked ones that were found, averaged over traces;
// a trace without marked errors counts 0), beside the precision that they leave out.
import type { EvaluationItem } from "./items.ts";

/** TRAIL's category of each kind of evidence that has one. */
const CATEGORIES: Readonly<Record<string, string>> = {
	"abandoned-plan": "Goal Deviation",
	"answer-origin": "Language-only",
	"contradicted-claim": "Tool Output Misinterpretation",
	"failed-execution": "Formatting Errors",
	"gave-up": "Goal Deviation",
	"invented-result": "Language-only",
	"malformed-output": "Formatting Errors",
	"repeated-call": "Resource Abuse",
	"schema-mismatch": "Tool Selection Errors",
	"stopped-at-limit": "Resource Exhaustion",
	"tool-error": "Formatting Errors",
	"repaired-error": "Formatting Errors",
	"unasked-call": "Instruction Non-compliance",
	"unchecked-answer": "Poor Information Retrieval",
	"ungrounded-argument": "Language-only",
	"unknown-tool": "Tool Selection Errors",
	"unsourced-facts": "Language-only",
	"unsupported-answer": "Language-only",
	"assumed-data": "Language-only",
};
/** Weaker evidence is information, not a claim that there is an error. */
const CLAIMED = 0.3;

export interface MarkedSets {
	traces: number;
	/** Mean share of the marked locations that were found. */
	locationAccuracy: number;
	/** Mean share of the marked pairs of location and category that were found. */
	jointAccuracy: number;
	/** Share of the claimed locations that were marked; null where nothing was claimed. */
	locationPrecision: number | null;
}

/** Null where no rollout has marked errors with a category. */
export function markedSets(items: readonly EvaluationItem[]): MarkedSets | null {
	const traces = items.filter(({ rollout }) => rollout.labels.some(({ category }) => category !== null));
	if (traces.length === 0) return null;
	let [location, joint, claimed, right] = [0, 0, 0, 0];
	for (const { rollout, evidence } of traces) {
		const marked = rollout.labels.filter((label) => label.originalIndex !== null);
		const places = new Set(marked.map((label) => String(label.originalIndex)));
		const pairs = new Set(marked.map((label) => pair(String(label.originalIndex), label.category ?? "")));
		const claims = evidence.flatMap(({ step, kind, strength }) =>
			step === null || strength < CLAIMED || !Object.hasOwn(CATEGORIES, kind)
				? []
				: [{ place: String(rollout.steps[step]?.origin.index), category: CATEGORIES[kind] as string }],
		);
		const claimedPlaces = new Set(claims.map(({ place }) => place));
		const claimedPairs = new Set(claims.map(({ place, category }) => pair(place, category)));
		const found = [...places].filter((place) => claimedPlaces.has(place)).length;
		location += places.size === 0 ? 0 : found / places.size;
		joint += pairs.size === 0 ? 0 : [...pairs].filter((entry) => claimedPairs.has(entry)).length / pairs.size;
		claimed += claimedPlaces.size;
		right += found;
	}
	return {
		traces: traces.length,
		locationAccuracy: location / traces.length,
		jointAccuracy: joint / traces.length,
		locationPrecision: claimed === 0 ? null : right / claimed,
	};
}

function pair(place: string, category: string): string {
	return `${place}\n${category.toLowerCase().replace(/\s+|s$/g, "")}`;
}
