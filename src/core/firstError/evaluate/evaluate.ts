// Measures suggestions on labelled rollouts: the ranking with weights learned from other tasks of the same logs, and with the
// weights that are shipped, beside the simplest rules and the judges whose verdicts the logs hold.
import { type Interval, wilson } from "../../math/intervals.ts";
import type { Rollout } from "../../model/trajectory.ts";
import { calibrationError, foldsByTask, trainCalibrated } from "../ranking/calibrate.ts";
import { type Posterior, posteriorOf } from "../ranking/posterior.ts";
import { answersWithin } from "../ranking/sets.ts";
import type { RankingWeights } from "../ranking/weights.ts";
import { type EvaluationItem, type EvaluationOptions, evaluationItems, type Member } from "./items.ts";
import { type MarkedSets, markedSets } from "./markedSets.ts";
import { type Comparison, compare, isRight, type Measures, measure } from "./measures.ts";
import { baselines, judges, type Method, type Ranked } from "./predictions.ts";
import { commonestTarget } from "./truth.ts";

export interface Evaluation extends Omit<EvaluationOptions, "plans" | "scores"> {
	/** Tasks with a reference path that somebody wrote. */
	referencePaths: number;
	rollouts: number;
	tasks: number;
	errors: number;
	clean: number;
	/** Mean number of steps that could be the first error. */
	candidates: number;
	/** Labels that speak of a step that is not there, or that is not the agent's: kept, and never right. */
	unreachable: number;
	/** Rollouts whose annotators disagree. */
	contradictory: number;
	rows: Row[];
	comparisons: Comparison[];
	calibration: CalibrationReport | null;
	/** Errors of rollouts that succeeded all the same: how the ranking does where the outcome says nothing. Null without known successes. */
	insideSuccesses: { errors: number; found: number; falseAlarms: number } | null;
	markedSets: MarkedSets | null;
	/** Why something is not there. */
	notes: string[];
}

export interface Row extends Measures {
	name: string;
	kind: Method["kind"];
	note: string | null;
}

/** Of the cross-validated ranking. */
export interface CalibrationReport {
	/** Expected calibration error of the best answer's probability. */
	error: number;
	/** Of the 90 % set; null where too few rollouts calibrate it. */
	set: {
		/** Share of rollouts whose answer was in the set, "none" included where the set admits it. */
		coverage: number;
		interval: Interval | null;
		/** Mean number of steps in the set, and as a share of the rollout's steps. */
		size: number;
		share: number;
	} | null;
}

const FOLDS = 5;
const IN_SAMPLE = "in-sample where these rollouts are among those it was learned from";
/** Fewer tasks cannot teach each other. */
const FEWEST_TASKS = 10;

/**
 * Null where no rollout has a label of the target.
 * @param verdicts rollouts without steps whose labels are a judge's
 * @param shippedFor the weights that come with the product
 * @param lessons labelled rollouts of other logs, to learn weights from that have seen nothing of these
 */
export function evaluate(
	members: readonly Member[],
	verdicts: readonly Rollout[],
	shippedFor: (target: RankingWeights["target"], mode: RankingWeights["mode"]) => RankingWeights | null,
	options: Omit<EvaluationOptions, "target"> & { target: EvaluationOptions["target"] | null },
	lessons: readonly Member[] = [],
): Evaluation | null {
	const target = options.target ?? commonestTarget(members.map(({ rollout }) => rollout));
	if (target === null) return null;
	const chosen = { target, mode: options.mode, siblings: options.siblings };
	const seen = {
		...{ ...chosen, plans: options.plans ?? new Map() },
		...(options.scores === undefined ? {} : { scores: options.scores }),
	};
	const items = evaluationItems(members, seen);
	if (items.length === 0) return null;
	const notes: string[] = [];
	const learned = crossValidated(items, chosen, notes);
	const elsewhere =
		lessons.length === 0 ? null : learnedElsewhere(items, evaluationItems(lessons, seen), chosen, notes);
	const shipped = shippedFor(target, options.mode);
	const simple = baselines(items, options.mode);
	const methods = [
		...(learned === null ? [] : [learned.method]),
		...(elsewhere === null ? [] : [elsewhere]),
		...(shipped === null ? [] : [productMethod(items, shipped)]),
		...simple,
		...judges(items, verdicts),
	];
	const rows = methods.map((method) => ({
		name: method.name,
		kind: method.kind,
		note: method.note,
		...measure(items, method.answers),
	}));
	const errors = items.filter(({ step }) => step !== null).length;
	return {
		...chosen,
		referencePaths: new Set(items.flatMap(({ rollout }) => (seen.plans.has(rollout.task) ? [rollout.task] : []))).size,
		rollouts: items.length,
		tasks: new Set(items.map(({ task }) => task)).size,
		errors,
		clean: items.length - errors,
		candidates: items.reduce((sum, { candidates }) => sum + candidates.steps.length, 0) / items.length,
		unreachable: items.filter(({ reachable }) => !reachable).length,
		contradictory: items.filter(({ contradictions }) => contradictions > 0).length,
		rows,
		comparisons: comparisonsOf(items, methods, rows),
		calibration: learned === null ? null : calibrationOf(items, learned.posteriors, learned.weights),
		insideSuccesses: insideSuccesses(items, methods[0]),
		markedSets: target === "firstAnnotated" ? markedSets(items) : null,
		notes,
	};
}

/** Against the best of the simple rules, and against every judge. */
function comparisonsOf(
	items: readonly EvaluationItem[],
	methods: readonly Method[],
	rows: readonly Row[],
): Comparison[] {
	const own = methods[0];
	if (own === undefined || own.kind !== "ranking") return [];
	const simple = rows.filter(({ kind }) => kind === "baseline");
	const best = simple.reduce<Row | null>((leader, row) => (row.all > (leader?.all ?? -1) ? row : leader), null);
	return methods
		.filter((method) => method.kind === "judge" || method.name === best?.name)
		.map((method) => compare(items, own, method));
}

function insideSuccesses(items: readonly EvaluationItem[], method: Method | undefined): Evaluation["insideSuccesses"] {
	const solved = items.flatMap((item, index) =>
		item.outcome === "success" ? [{ item, ranked: method?.answers[index] ?? null }] : [],
	);
	if (solved.length === 0 || method?.kind !== "ranking") return null;
	const wrong = solved.filter(({ item }) => item.step !== null);
	return {
		errors: wrong.length,
		found: wrong.filter(({ item, ranked }) => isRight(item, ranked)).length,
		falseAlarms: solved.filter(({ item, ranked }) => item.step === null && ranked?.[0] !== null).length,
	};
}

interface Learned {
	method: Method;
	posteriors: Posterior[];
	weights: RankingWeights[];
}

/** Every rollout is answered with weights, calibration and priors from the tasks of the other folds. */
function crossValidated(
	items: readonly EvaluationItem[],
	{ target, mode }: EvaluationOptions,
	notes: string[],
): Learned | null {
	const tasks = items.map(({ task }) => task);
	if (new Set(tasks).size < FEWEST_TASKS) {
		notes.push(`fewer than ${FEWEST_TASKS} tasks: weights cannot be learned from other tasks`);
		return null;
	}
	const weights = new Array<RankingWeights>(items.length);
	for (const fold of foldsByTask(tasks, FOLDS)) {
		const held = new Set(fold);
		const others = items
			.map((_, index) => index)
			.filter((index) => !held.has(index) && (items[index] as EvaluationItem).reachable);
		const fitted = trainCalibrated(
			others.map((index) => items[index] as EvaluationItem),
			others.map((index) => tasks[index] as string),
			{ target, mode, source: "other tasks of the same logs", date: "" },
		);
		for (const index of fold) weights[index] = fitted;
	}
	const posteriors = items.map((item, index) => posteriorWith(item, weights[index] as RankingWeights));
	const name = `ranking, ${FOLDS}-fold over tasks`;
	return { method: { name, kind: "ranking", answers: posteriors.map(rankedBy), note: null }, posteriors, weights };
}

/** With weights from other logs; their rollouts of tasks that are measured here are left out. */
function learnedElsewhere(
	items: readonly EvaluationItem[],
	lessons: readonly EvaluationItem[],
	{ target, mode }: EvaluationOptions,
	notes: string[],
): Method | null {
	const measured = new Set(items.map(({ task }) => task));
	const usable = lessons.filter(({ task, reachable }) => reachable && !measured.has(task));
	const tasks = usable.map(({ task }) => task);
	if (new Set(tasks).size < FEWEST_TASKS) {
		notes.push(`fewer than ${FEWEST_TASKS} tasks of target ${target} to learn from in the other logs`);
		return null;
	}
	const weights = trainCalibrated(usable, tasks, { target, mode, source: "other logs", date: "" });
	return rankingMethod(items, `ranking, learned from ${usable.length} rollouts of other logs`, weights, null);
}

/** With the weights that come with the product. */
function productMethod(items: readonly EvaluationItem[], weights: RankingWeights): Method {
	if (weights.items === 0) return rankingMethod(items, "ranking, weights set by hand", weights, null);
	return rankingMethod(items, `ranking, weights as shipped (${weights.source})`, weights, IN_SAMPLE);
}

function rankingMethod(
	items: readonly EvaluationItem[],
	name: string,
	weights: RankingWeights,
	note: string | null,
): Method {
	return { name, kind: "ranking", answers: items.map((item) => rankedBy(posteriorWith(item, weights))), note };
}

function posteriorWith(item: EvaluationItem, weights: RankingWeights): Posterior {
	return posteriorOf(item.candidates, item.outcome, weights, weights.calibration?.temperature ?? 1);
}

function rankedBy(posterior: Posterior): Ranked {
	const answers: [number | null, number][] = [...posterior.steps].map((share, position) => [position, share]);
	answers.push([null, posterior.none]);
	return answers.sort(([, one], [, other]) => other - one).map(([position]) => position);
}

function calibrationOf(
	items: readonly EvaluationItem[],
	posteriors: readonly Posterior[],
	weights: readonly RankingWeights[],
): CalibrationReport {
	const answers = items.map((item, index) => {
		const { steps, none } = posteriors[index] as Posterior;
		const ranked = rankedBy({ steps, none });
		const best = ranked[0] ?? null;
		return { stated: best === null ? none : (steps[best] as number), right: item.reachable && best === item.truth };
	});
	return { error: calibrationError(answers), set: setReport(items, posteriors, weights) };
}

function setReport(
	items: readonly EvaluationItem[],
	posteriors: readonly Posterior[],
	weights: readonly RankingWeights[],
): CalibrationReport["set"] {
	const masses = weights.map((entry) => entry.calibration?.setMass ?? null);
	if (masses.some((mass) => mass === null)) return null;
	let [covered, size, shares] = [0, 0, 0];
	items.forEach((item, index) => {
		const posterior = posteriors[index] as Posterior;
		const set = answersWithin(posterior, masses[index] as number);
		if (item.reachable && (item.truth === null ? set.none : set.steps.includes(item.truth))) covered++;
		size += set.steps.length;
		shares += set.steps.length / Math.max(1, posterior.steps.length);
	});
	return {
		coverage: covered / items.length,
		interval: wilson(covered, items.length),
		size: size / items.length,
		share: shares / items.length,
	};
}
