// pass@k, pass^k and maj@k: at least one, all, or the majority of k rollouts succeed.
import { type Random, randomIndex } from "../math/random.ts";
import {
	type Attempt,
	type Measured,
	type Metric,
	type MetricValue,
	meanMeasured,
	metricValue,
	type RunView,
	successOf,
	type TaskView,
	taskOf,
	wholeRun,
} from "./metric.ts";

/** Unbiased estimate of the probability that one of k rollouts succeeds, from c successes in n; NaN for k > n. */
export function passAtK(n: number, c: number, k: number): number {
	if (k > n) return Number.NaN;
	if (n - c < k) return 1;
	// 1 - C(n-c, k) / C(n, k) as a product: factorials overflow from n = 171 on
	let allFail = 1;
	for (let i = n - c + 1; i <= n; i++) allFail *= 1 - k / i;
	return 1 - allFail;
}

/** Unbiased estimate of the probability that all of k rollouts succeed; NaN for k > n. */
export function passHatK(n: number, c: number, k: number): number {
	if (k > n) return Number.NaN;
	let all = 1;
	for (let i = 0; i < k; i++) all *= Math.max(0, c - i) / (n - i);
	return all;
}

/** 1, 2, 4, ... below n, and n itself. */
function sizesUpTo(n: number): number[] {
	const sizes: number[] = [];
	for (let k = 1; k < n; k *= 2) sizes.push(k);
	return n > 0 ? [...sizes, n] : [];
}

interface Answered {
	answer: string;
	success: 0 | 1;
}

const DRAWS = 2000;

/**
 * Probability that the most frequent answer of k rollouts is right; ties count by the share of tied answers that are.
 * For k = n it is exact, for smaller k it is a mean over drawn subsets.
 */
export function majorityAtK(answers: readonly Answered[], k: number, random: Random): number {
	if (k > answers.length) return Number.NaN;
	if (k === answers.length) return majorityOf(answers);
	const pool = [...answers];
	let sum = 0;
	for (let draw = 0; draw < DRAWS; draw++) {
		for (let place = 0; place < k; place++) {
			const other = place + randomIndex(random, pool.length - place);
			[pool[place], pool[other]] = [pool[other] as Answered, pool[place] as Answered];
		}
		sum += majorityOf(pool.slice(0, k));
	}
	return sum / DRAWS;
}

function majorityOf(answers: readonly Answered[]): number {
	const byAnswer = new Map<string, { votes: number; right: number }>();
	for (const { answer, success } of answers) {
		const entry = byAnswer.get(answer) ?? { votes: 0, right: 0 };
		entry.votes++;
		entry.right += success;
		byAnswer.set(answer, entry);
	}
	const entries = [...byAnswer.values()];
	const most = entries.reduce((votes, entry) => Math.max(votes, entry.votes), 0);
	const winners = entries.filter((entry) => entry.votes === most);
	return winners.reduce((sum, entry) => sum + entry.right / entry.votes, 0) / winners.length;
}

function answersOf(attempts: readonly Attempt[]): Answered[] {
	return attempts.flatMap((attempt) => {
		const success = successOf(attempt);
		const answer = attempt.rollout.answer?.replace(/\s+/g, " ").trim().toLowerCase() ?? "";
		return success === null || answer === "" ? [] : [{ answer, success }];
	});
}

/** What one task says for each k, by part. */
function taskValues(task: TaskView, random: Random): Map<string, Measured> {
	const outcomes = task.attempts.flatMap((attempt) => successOf(attempt) ?? []);
	const n = outcomes.length;
	const c = outcomes.filter((success) => success === 1).length;
	const answers = answersOf(task.attempts);
	const values = new Map<string, Measured>();
	for (const k of sizesUpTo(n)) {
		values.set(`pass@${k}`, { value: passAtK(n, c, k), count: n });
		values.set(`pass^${k}`, { value: passHatK(n, c, k), count: n });
		if (answers.length >= k && answers.length === n) {
			values.set(`maj@${k}`, { value: majorityAtK(answers, k, random), count: n });
		}
	}
	return values;
}

/** Powers of two, and the number of rollouts that most tasks have: the sizes at which a run is worth summing up. */
function runSizes(run: RunView): Set<number> {
	const counts = new Map<number, number>();
	let largest = 0;
	for (const task of run.tasks) {
		const n = task.attempts.filter((attempt) => successOf(attempt) !== null).length;
		counts.set(n, (counts.get(n) ?? 0) + 1);
		largest = Math.max(largest, n);
	}
	const usual = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
	const sizes = new Set([usual]);
	for (let k = 1; k <= largest; k *= 2) sizes.add(k);
	return sizes;
}

function compute(run: RunView, context: { random: () => Random }): MetricValue[] {
	const random = context.random();
	const byTask = run.tasks.map((task) => ({ task, values: taskValues(task, random) }));
	const rows = byTask.flatMap(({ task, values }) =>
		values.size === 0
			? [metricValue(taskOf(run, task), "pass@1", { reason: "no outcome is known" })]
			: [...values].map(([part, measured]) => metricValue(taskOf(run, task), part, measured)),
	);
	const sizes = [...runSizes(run)].sort((a, b) => a - b);
	const means = ["pass@", "pass^", "maj@"].flatMap((kind) =>
		sizes.flatMap((k): MetricValue[] => {
			const part = `${kind}${k}`;
			const measured = byTask.flatMap(({ values }) => values.get(part) ?? []);
			if (measured.length === 0) return [];
			const less = run.tasks.length - measured.length;
			const detail = less > 0 ? [`${less} of ${run.tasks.length} tasks have too few rollouts and are left out`] : [];
			return [metricValue(wholeRun(run), part, { ...meanMeasured(measured), detail })];
		}),
	);
	const none = metricValue(wholeRun(run), "pass@1", { reason: "no outcome is known" });
	return [...rows, ...(means.length > 0 ? means : [none])];
}

export const passAtKMetric: Metric = {
	id: "pass-at-k",
	title: "pass@k, pass^k, maj@k",
	formulas: [
		"pass@k = 1 \u2212 C(n\u2212c, k) / C(n, k), averaged over tasks",
		"pass^k = C(c, k) / C(n, k), averaged over tasks",
		"maj@k = probability that the most frequent answer of k rollouts is right",
	],
	source: { title: "Codex; tau-bench", reference: "arXiv 2107.03374; 2406.12045", where: "equation 1; section 3" },
	grade: "A",
	choice:
		"tasks with fewer than k rollouts are left out of that k; ties in maj@k count by share; below n maj@k is sampled",
	needs: "outcomes; for maj@k the final answers",
	better: "higher",
	parameters: [],
	compute,
};
