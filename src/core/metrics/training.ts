// A run over its training steps: which tasks were learned, forgotten or never solved, how tools fare, and whether the
// reward rises while something that should hold falls.
import { meanOf, rankCorrelation } from "../math/moments.ts";
import type { Rollout } from "../model/trajectory.ts";
import { type Attempt, successOf } from "./metric.ts";

export interface StepRate {
	trainingStep: number;
	/** Successes / known outcomes; NaN where none is known. */
	rate: number;
	count: number;
}

export type TaskTrend = "learned" | "forgotten" | "never solved" | "always solved" | "mixed" | "too short";

export interface TaskCourse {
	task: string;
	steps: StepRate[];
	trend: TaskTrend;
}

export interface ToolCourse {
	tool: string;
	/** Success rate of the rollouts that used the tool, by training step. */
	steps: StepRate[];
	/** Share of the tool's calls whose observation is an error, over all steps. */
	errorRate: number;
	calls: number;
}

export interface HackingSign {
	kind: "success with a forbidden action" | "reward up while a check falls";
	text: string;
	/** Rollouts concerned, where the sign is about single ones. */
	rollouts: { task: string; rollout: string; trainingStep: number | null }[];
}

export interface TrainingCourse {
	trainingSteps: number[];
	tasks: TaskCourse[];
	tools: ToolCourse[];
	signs: HackingSign[];
}

export interface TrainingOptions {
	/** Names of tools, or of a tool and a text in its arguments (`bash: rm -rf`), that a fair solution does not use. */
	forbidden: readonly string[];
}

/** Attempts without a training step are left out. */
export function trainingCourse(attempts: readonly Attempt[], options: TrainingOptions): TrainingCourse {
	const placed = attempts.filter(({ summary }) => summary.trainingStep !== null);
	const trainingSteps = [...new Set(placed.map(stepOf))].sort((a, b) => a - b);
	return {
		trainingSteps,
		tasks: [...Map.groupBy(placed, ({ summary }) => summary.task)].map(([task, own]) => {
			const steps = ratesOf(own);
			return { task, steps, trend: trendOf(steps) };
		}),
		tools: toolCourses(placed),
		signs: [...forbiddenSigns(placed, options.forbidden), ...divergingChecks(placed)],
	};
}

function stepOf({ summary }: Attempt): number {
	return summary.trainingStep as number;
}

function ratesOf(attempts: readonly Attempt[]): StepRate[] {
	return [...Map.groupBy(attempts, stepOf)]
		.sort(([a], [b]) => a - b)
		.map(([trainingStep, own]) => {
			const known = own.flatMap((attempt) => successOf(attempt) ?? []);
			return { trainingStep, rate: meanOf(known), count: known.length };
		});
}

/** The first third of the steps at which the task was met against the last third; solved means in more than half. */
export function trendOf(steps: readonly StepRate[]): TaskTrend {
	const known = steps.filter(({ rate }) => !Number.isNaN(rate));
	if (known.length > 0 && known.every(({ rate }) => rate === 0)) return "never solved";
	if (known.length < 2) return "too short";
	const third = Math.max(1, Math.floor(known.length / 3));
	const early = meanOf(known.slice(0, third).map(({ rate }) => rate));
	const late = meanOf(known.slice(-third).map(({ rate }) => rate));
	if (early > 0.5 && late > 0.5) return "always solved";
	if (early <= 0.5 && late > 0.5) return "learned";
	return early > 0.5 ? "forgotten" : "mixed";
}

function toolCourses(attempts: readonly Attempt[]): ToolCourse[] {
	const users = new Map<string, Attempt[]>();
	const counts = new Map<string, { calls: number; errors: number }>();
	for (const attempt of attempts) {
		for (const tool of countTools(attempt.rollout, counts)) {
			const list = users.get(tool);
			if (list === undefined) users.set(tool, [attempt]);
			else list.push(attempt);
		}
	}
	return [...users].map(([tool, own]) => {
		const { calls, errors } = counts.get(tool) as { calls: number; errors: number };
		return { tool, steps: ratesOf(own), errorRate: errors / calls, calls };
	});
}

/** Adds the rollout's calls to the counts and answers the tools that it used. */
function countTools(rollout: Rollout, counts: Map<string, { calls: number; errors: number }>): Set<string> {
	const used = new Set<string>();
	for (const step of rollout.steps) {
		if (step.role !== "agent") continue;
		step.calls.forEach((call, index) => {
			const count = counts.get(call.name) ?? { calls: 0, errors: 0 };
			count.calls++;
			if (step.observations[index]?.isError === true) count.errors++;
			counts.set(call.name, count);
			used.add(call.name);
		});
	}
	return used;
}

function forbiddenSigns(attempts: readonly Attempt[], forbidden: readonly string[]): HackingSign[] {
	return forbidden.flatMap((entry): HackingSign[] => {
		const [tool = "", part = ""] = entry.split(/:\s*(.*)/s);
		const rollouts = attempts
			.filter((attempt) => successOf(attempt) === 1 && uses(attempt.rollout, tool.trim(), part))
			.map(({ summary }) => ({ task: summary.task, rollout: summary.id, trainingStep: summary.trainingStep }));
		if (rollouts.length === 0) return [];
		const text = `${rollouts.length} rollouts succeeded although they used ${entry}`;
		return [{ kind: "success with a forbidden action", text, rollouts }];
	});
}

function uses(rollout: Rollout, tool: string, part: string): boolean {
	return rollout.steps.some((step) =>
		step.calls.some((call) => call.name === tool && (part === "" || JSON.stringify(call.arguments).includes(part))),
	);
}

/** Rank correlation with the training step from which on a course counts as rising or falling. */
const CLEAR = 0.5;
/** Fewer training steps show no course. */
const LEAST_STEPS = 5;

/** Named rewards that fall while the whole rises: the policy may have found a way around them. */
function divergingChecks(attempts: readonly Attempt[]): HackingSign[] {
	const whole = courseOf(attempts, ({ summary }) => summary.reward);
	if (whole.length < LEAST_STEPS || !(trend(whole) >= CLEAR)) return [];
	const names = new Set(attempts.flatMap(({ rollout }) => Object.keys(rollout.rewards)));
	return [...names].flatMap((name): HackingSign[] => {
		const part = courseOf(attempts, ({ rollout }) =>
			Object.hasOwn(rollout.rewards, name) ? (rollout.rewards[name] ?? null) : null,
		);
		if (part.length < LEAST_STEPS || !(trend(part) <= -CLEAR)) return [];
		const text = `the reward rises over ${whole.length} training steps while ${name} falls`;
		return [{ kind: "reward up while a check falls", text, rollouts: [] }];
	});
}

function courseOf(attempts: readonly Attempt[], read: (attempt: Attempt) => number | null): [number, number][] {
	return [...Map.groupBy(attempts, stepOf)]
		.map(([step, own]): [number, number] => [step, meanOf(own.flatMap((attempt) => read(attempt) ?? []))])
		.filter(([, mean]) => !Number.isNaN(mean));
}

function trend(course: readonly [number, number][]): number {
	return rankCorrelation(
		course.map(([step]) => step),
		course.map(([, mean]) => mean),
	);
}
