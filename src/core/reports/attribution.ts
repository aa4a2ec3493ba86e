// The outcome of a rollout spread over its steps in several ways, and what the actions of its group went with.
import { type ActionEffect, actionEffects } from "../attribution/actionEffect.ts";
import { type AttributionTable, attributionTable } from "../attribution/views.ts";
import { stepSummary } from "../history/stepSummary.ts";
import type { Interval } from "../math/intervals.ts";
import { seededRandom } from "../math/random.ts";
import type { Attempt } from "../metrics/metric.ts";
import { plain, signed } from "../text/format.ts";
import { type Block, heading, left, linkTo, list, quoted, right, table, text } from "./report.ts";
import type { ReportKind, Subject } from "./subject.ts";

const SEED = 1;
const PERMUTATIONS = 200;
const HALF_LIFE = 3;
/** Steps worth reading first: those on which the views disagree most. */
const MOST_APART = 3;

/** The views of one rollout among its group; null where there is no reward to spread. */
export function attributionOf(chosen: Attempt, group: readonly Attempt[]): AttributionTable | null {
	return attributionTable(chosen.rollout, {
		group: group.map(({ summary, rollout }) => ({ rollout, reward: summary.reward })),
		random: seededRandom(SEED),
		permutations: PERMUTATIONS,
		halfLife: HALF_LIFE,
	});
}

function make({ chosen, attempts, name }: Subject) {
	const title = `Attribution of the outcome: ${name}`;
	if (chosen === null) return { title, blocks: [text("Choose a rollout.")] };
	const views = attributionOf(chosen, attempts);
	const effects = actionEffects(
		attempts.map(({ rollout }) => rollout),
		seededRandom(SEED),
	);
	const shares =
		views === null ? [text("Nothing to spread: no reward, or no step of the agent.")] : sharesOf(chosen, views);
	return { title, blocks: [...shares, ...effectsOf(effects)] };
}

function sharesOf(chosen: Attempt, views: AttributionTable): Block[] {
	const { key } = chosen.summary;
	const apart = [...views.steps.keys()]
		.sort((a, b) => (views.disagreement[b] as number) - (views.disagreement[a] as number))
		.slice(0, MOST_APART)
		.filter((index) => (views.disagreement[index] as number) > 0);
	return [
		text(
			`${signed(views.outcome, 3)} is spread: the reward minus its group's mean. Each view gives every step a share; Shapley's are sampled and stand with their standard error.`,
		),
		heading("Where the views disagree most"),
		list(
			apart.map((index) => linkTo(stepLine(chosen, views.steps[index] as number), key, views.steps[index] as number)),
		),
		heading("Shares by step"),
		...table(
			[right("step"), ...views.views.map(({ view }) => right(view.title)), right("apart by"), left("what it did")],
			views.steps.map((step, index) => [
				linkTo(`#${step}`, key, step),
				...views.views.map(({ attribution }) => shareText(attribution.shares[index], attribution.errors?.[index])),
				plain(views.disagreement[index] as number, 3),
				did(chosen, step),
			]),
		),
		heading("Rules"),
		list(views.views.map(({ view }) => `${view.title}: ${view.rule} (${view.source.title}, ${view.source.reference})`)),
		heading("Agreement of the views (rank correlation over the steps)"),
		...table(
			[left("view"), ...views.views.map(({ view }) => right(view.title))],
			views.views.map(({ view }, row) => [
				view.title,
				...(views.agreement[row] as number[]).map((value) => (Number.isNaN(value) ? "–" : plain(value, 2))),
			]),
		),
	];
}

function stepLine(chosen: Attempt, step: number): string {
	return `#${step} ${did(chosen, step)}`;
}

function did({ rollout }: Attempt, step: number): string {
	const taken = rollout.steps[step];
	return taken === undefined ? "" : quoted(stepSummary(taken, 60));
}

function shareText(share: number | undefined, error: number | undefined): string {
	if (share === undefined || Number.isNaN(share)) return "–";
	return error === undefined || Number.isNaN(error) ? signed(share, 3) : `${signed(share, 3)} ± ${plain(error, 3)}`;
}

function effectsOf(effects: readonly ActionEffect[]): Block[] {
	if (effects.length === 0) return [];
	const bounds = (interval: Interval | null) =>
		interval === null ? "" : `[${signed(interval.low)}, ${signed(interval.high)}]`;
	return [
		heading("Actions and success in the group"),
		text("Success with minus success without an action: what went together in these rollouts, not what caused what."),
		...table(
			[
				left("action"),
				right("with"),
				right("without"),
				right("difference"),
				left("95 %"),
				right("weighted"),
				left("95 %"),
				left("remark"),
			],
			effects.map((effect) => [
				quoted(effect.action, 40),
				String(effect.withAction),
				String(effect.withoutAction),
				effect.difference === null ? "–" : signed(effect.difference),
				effect.difference === null ? "" : bounds(effect.interval),
				effect.weighted === null ? "–" : signed(effect.weighted),
				effect.weighted === null ? "" : bounds(effect.weightedInterval),
				effect.reason ?? `${effect.overlap} rollouts had the choice`,
			]),
		),
	];
}

export const attributionReport: ReportKind = {
	id: "attribution",
	title: "Attribution of the Outcome",
	summary: "the outcome spread over the steps by five views, where they disagree, and effects of actions in the group",
	about: "rollout",
	wider: false,
	make,
};
