// What the gallery's host knows of first errors: fixed numbers, so that pictures change only when the page does.
import type { Evidence } from "../../src/core/firstError/evidence.ts";
import type { Suggestion } from "../../src/core/firstError/suggest.ts";
import type { Rollout, Step } from "../../src/core/model/trajectory.ts";
import { adaptive } from "../../src/core/probing/adaptive.ts";
import { openSearch, type ProbeResult, record } from "../../src/core/probing/search.ts";
import { probeSubject } from "../../src/core/probing/subject.ts";
import { type ProbeView, probeView } from "../../src/core/probing/view.ts";
import { oneLine } from "../../src/core/text/line.ts";
import type { ScenarioError, ScenarioProbe } from "./scenarios.ts";

const BEST = 0.62;
const NONE = 0.05;

/** Half of the rest stands beside the step, half is spread over the others. */
export function gallerySuggestion(rollout: Rollout, error: ScenarioError | undefined): Suggestion {
	const steps = rollout.steps.filter(({ role }) => role === "agent").map(({ step }) => step);
	const best = error === undefined ? -1 : steps.indexOf(error.step);
	const weights = steps.map((_, index) => (best === -1 ? 1 : 1 / (1 + Math.abs(index - best)) ** 2));
	const rest = weights.reduce((sum, weight, index) => (index === best ? sum : sum + weight), 0);
	const spread = best === -1 ? 0.4 : 1 - BEST - NONE;
	const shareOf = (index: number): number =>
		index === best ? BEST : (spread * (weights[index] as number)) / (rest || 1);
	const ranked = steps
		.map((step, index) => ({ step, index: step, share: shareOf(index) }))
		.sort((a, b) => b.share - a.share || a.step - b.step);
	const step = best === -1 || error === undefined ? null : error.step;
	return {
		target: "firstWrong",
		step,
		index: step,
		probability: best === -1 ? null : BEST,
		set: best === -1 ? null : ranked.slice(0, 3).map((entry) => entry.step),
		setAdmitsNone: false,
		ranked,
		none: best === -1 ? 0.6 : NONE,
		basis: "Learned from 400 labelled rollouts (the gallery). Calibrated on 200 rollouts, error 0.08.",
		evidence: step === null || error === undefined ? [] : evidenceOf(rollout, step, error),
		verdicts: [],
	};
}

function evidenceOf(rollout: Rollout, step: number, { text }: ScenarioError): Evidence[] {
	const own = rollout.steps[step] as Step;
	const before = rollout.steps.findLast(({ step: at, observations }) => at < step && observations.length > 0);
	const found: Evidence[] = [
		{ kind: "gallery-check", step, strength: 0.8, text, links: [quote(own, "call"), quote(own, "observation")] },
		{ kind: "gallery-against", step: null, strength: 0.2, text: "every tool call fits its schema", links: [] },
	];
	if (before === undefined) return found;
	const earlier = "goes on although the answer left a question open";
	return [
		found[0] as Evidence,
		{ kind: "gallery-early", step: before.step, strength: 0.35, text: earlier, links: [quote(before, "observation")] },
		...found.slice(1),
	];
}

function quote(step: Step, part: "call" | "observation"): Evidence["links"][number] {
	const [made] = step.calls;
	const said =
		part === "call" ? `${made?.name ?? "says"}(${JSON.stringify(made?.arguments ?? {})})` : step.observations[0]?.text;
	return { step: step.step, rollout: null, part, index: 0, quote: oneLine(said ?? step.text, 120), place: step.origin };
}

/** A search that stands where the scenario says; what it believes is fixed, too. */
export function galleryProbe(
	rollout: Rollout,
	{ tries, running, ended, title, belief }: ScenarioProbe,
): ProbeView | null {
	const subject = probeSubject(rollout);
	if ("reason" in subject) return null;
	const results = tries.flatMap(([prefix, successes, failures]): ProbeResult[] => [
		...Array.from({ length: successes }, () => ({ prefix, success: true })),
		...Array.from({ length: failures }, () => ({ prefix, success: false })),
	]);
	const opened = openSearch(subject.steps.length, { group: { successes: 3, failures: 4 } });
	const search = results.reduce((grown, result) => record(grown, [result]), opened);
	const view = probeView({ subject, strategy: adaptive, search, running, ended, trouble: null });
	return {
		...view,
		title,
		note: "stated under the search's model of values",
		effort: `${view.spent} rollouts in ${search.rounds} rounds`,
		belief: subject.forks.map((step, index) => ({ step, share: belief[index] ?? 0 })),
	};
}
