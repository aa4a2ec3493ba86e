// InfoDeepSeek (arXiv 2505.15872; eval/cal_acc.py): how good the answer is, and how good and how compact the evidence.
import { asBoolean, asNumber } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { loggedList, loggedNumber } from "./logged.ts";
import {
	type Attempt,
	averaged,
	type Measured,
	type Metric,
	type MetricValue,
	metricValue,
	type RunView,
	wholeRun,
} from "./metric.ts";

export interface Judged {
	/** Right with all evidence that the agent saw. */
	all: boolean;
	/** Right with the best k pieces, for k = 1, 2, ...; the last verdict stands for larger k. */
	top: readonly boolean[];
	/** Annotated gold pages. */
	gold: number;
	/** Pieces of evidence that the agent returned. */
	pieces: number;
}

/** Verdict with the best k pieces; false where none was given. */
function verdictAt(judged: Judged, k: number): boolean {
	return judged.top[Math.min(k, judged.top.length) - 1] ?? false;
}

export function accuracyOf(questions: readonly Judged[]): number {
	return questions.filter((judged) => judged.all).length / questions.length;
}

export function accuracyAt(questions: readonly Judged[], k: number): number {
	return questions.filter((judged) => verdictAt(judged, k)).length / questions.length;
}

/** EEU = max over k of IA@k / ACC: above 1, a selection beats everything seen. NaN where ACC is 0. */
export function evidenceUtilisation(questions: readonly Judged[], largest = 5): number {
	const best = Math.max(...Array.from({ length: largest }, (_, index) => accuracyAt(questions, index + 1)));
	const accuracy = accuracyOf(questions);
	return accuracy === 0 ? Number.NaN : best / accuracy;
}

/** IC of one question: pieces / gold pages where some k gives a right answer, else (n + b) / gold. NaN without gold. */
export function compactness(judged: Judged, largest = 5, extra = 1): number {
	if (judged.gold === 0) return Number.NaN;
	return (judged.top.includes(true) ? judged.pieces : largest + extra) / judged.gold;
}

/** Share of questions right with everything seen that the selection loses; 1 where none is right with everything. */
export function distractedRatio(questions: readonly Judged[]): number {
	const right = questions.filter((judged) => judged.all);
	if (right.length === 0) return 1;
	return 1 - right.filter((judged) => judged.top.includes(true)).length / right.length;
}

function judgedOf(rollout: Rollout): Judged | null {
	const top = loggedList(rollout, "ia", "ia_at_k");
	const all = loggedNumber(rollout, "acc", "accuracy");
	if (top === null || all === null) return null;
	return {
		all: all > 0,
		top: top.map((verdict) => asBoolean(verdict) ?? (asNumber(verdict) ?? 0) > 0),
		gold: loggedNumber(rollout, "n_sources") ?? loggedList(rollout, "sources")?.length ?? 0,
		pieces: loggedNumber(rollout, "n_evidence") ?? loggedList(rollout, "evidence", "evidences")?.length ?? top.length,
	};
}

const NOT_JUDGED: Measured = { reason: "not logged: acc and ia (verdicts with all and with the best k pieces)" };

function perQuestion(attempt: Attempt, value: (judged: Judged) => number, otherwise: string): Measured {
	const judged = judgedOf(attempt.rollout);
	if (judged === null) return NOT_JUDGED;
	const number = value(judged);
	return Number.isNaN(number) ? { reason: otherwise } : { value: number };
}

function runValue(run: RunView, part: string, value: (questions: Judged[]) => number, otherwise: string): MetricValue {
	const attempts = run.tasks.flatMap((task) => task.attempts);
	const questions = attempts.flatMap((attempt) => judgedOf(attempt.rollout) ?? []);
	if (questions.length === 0) return metricValue(wholeRun(run), part, NOT_JUDGED);
	const number = value(questions);
	const measured = Number.isNaN(number) ? { reason: otherwise } : { value: number, count: questions.length };
	return metricValue(wholeRun(run), part, measured);
}

export const evidence: Metric = {
	id: "evidence",
	title: "Answer and evidence quality (InfoDeepSeek)",
	formulas: [
		"ACC = share right with all evidence, IA@k = share right with the best k pieces",
		"EEU = max over k of IA@k / ACC",
		"IC = pieces / gold pages where some k is right, else (5 + 1) / gold pages",
		"DR = 1 \u2212 right with a selection among those right with everything",
	],
	source: { title: "InfoDeepSeek", reference: "arXiv 2505.15872; official code", where: "eval/cal_acc.py" },
	grade: "A",
	choice:
		"verdicts beyond the pieces at hand repeat the last, as in the code; ACC 0 leaves EEU empty; no gold pages leave IC empty",
	needs: "acc, ia (a list of verdicts), sources, evidence",
	better: "higher",
	parameters: [],
	compute: (run) => [
		...averaged(run, "ACC", (attempt) => perQuestion(attempt, (judged) => Number(judged.all), "")),
		...[1, 2, 3, 4, 5].flatMap((k) =>
			averaged(run, `IA@${k}`, (attempt) => perQuestion(attempt, (judged) => Number(verdictAt(judged, k)), "")),
		),
		...averaged(run, "IC", (attempt) => perQuestion(attempt, (judged) => compactness(judged), "no gold pages")),
		runValue(run, "EEU", (questions) => evidenceUtilisation(questions), "ACC is 0"),
		runValue(run, "DR", distractedRatio, ""),
	],
};
