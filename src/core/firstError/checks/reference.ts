// Against a reference path: the first call that is on no reference step, and the first change after which a step of the
// path can no longer be taken.
import { canonicalJson } from "../../model/action.ts";
import { isObject } from "../../model/json.ts";
import type { Step, ToolCall } from "../../model/trajectory.ts";
import { oneLine } from "../../text/line.ts";
import type { EvidenceContext } from "../context.ts";
import { changesTheWorld, effectOf } from "../effects.ts";
import type { Evidence, EvidenceSource } from "../evidence.ts";
import type { RolloutFacts } from "../facts.ts";
import { linkTo } from "../link.ts";
import type { ReferencePath, ReferenceStep } from "../referencePath.ts";
import { foldWords } from "../words.ts";

export const reference: EvidenceSource = {
	id: "reference",
	title: "Deviates from the reference path",
	explanation:
		"The first changing call that is on no step of the reference path; stronger where it cannot be undone, so that the path can no longer be completed.",
	kinds: {
		"off-reference": "change that is not on the reference path",
		"reference-lost": "the reference path can no longer be completed",
		"reference-incomplete": "ended with steps of the reference path missing",
	},
	find(facts: RolloutFacts, context: EvidenceContext): Evidence[] {
		const path = context.reference;
		if (path === null) return [];
		const { rollout } = facts;
		const open = new Set(path.steps);
		const found: Evidence[] = [];
		for (const { call, step, index, observation } of facts.calls) {
			const taken = matching(path, open, call);
			if (taken !== null) open.delete(taken);
			if (taken !== null || !changesTheWorld(call.name) || observation?.isError === true || found.length > 0) continue;
			const lost = effectOf(call.name) === "irreversible" ? conflicting(open, call) : null;
			const kind = lost === null ? "off-reference" : "reference-lost";
			const text =
				lost === null
					? `${oneLine(call.name, 60)} with these arguments is on no step of the reference path`
					: `After this the reference step ${describe(lost)} can no longer be taken`;
			found.push({
				kind,
				step,
				strength: lost === null ? 0.5 : 0.8,
				text,
				links: [linkTo(rollout.steps[step] as Step, "call", JSON.stringify(call.arguments), index)],
			});
		}
		const last = facts.agentSteps.at(-1);
		const left = [...open].filter((entry) => changesTheWorld(entry.tool));
		if (left.length > 0 && last !== undefined) {
			const text = `Ended without ${left.length} of ${path.steps.length} reference steps, the first being ${describe(left[0] as ReferenceStep)}`;
			found.push({
				kind: "reference-incomplete",
				step: last,
				strength: 0.4,
				text,
				links: [linkTo(rollout.steps[last] as Step, "text", (rollout.steps[last] as Step).text)],
			});
		}
		return found;
	},
};

/** The open reference step that the call takes; on an ordered path only the next one counts. */
function matching(path: ReferencePath, open: ReadonlySet<ReferenceStep>, call: ToolCall): ReferenceStep | null {
	for (const step of path.steps) {
		if (!open.has(step)) continue;
		if (fits(step, call)) return step;
		if (path.ordered) return null;
	}
	return null;
}

function fits(step: ReferenceStep, call: ToolCall): boolean {
	if (step.tool !== call.name) return false;
	const given = isObject(call.arguments) ? call.arguments : {};
	return Object.entries(step.arguments).every(
		([name, value]) =>
			Object.hasOwn(given, name) && foldWords(canonicalJson(given[name] ?? null)) === foldWords(canonicalJson(value)),
	);
}

/** A reference step of the same tool on the same thing: the first argument names it. */
function conflicting(open: ReadonlySet<ReferenceStep>, call: ToolCall): ReferenceStep | null {
	const given = isObject(call.arguments) ? call.arguments : {};
	const subject = (values: object) => foldWords(String(Object.values(values)[0] ?? ""));
	for (const step of open)
		if (changesTheWorld(step.tool) && subject(step.arguments) !== "" && subject(step.arguments) === subject(given))
			return step;
	return null;
}

function describe(step: ReferenceStep): string {
	return oneLine(`${step.tool}(${JSON.stringify(step.arguments)})`, 100);
}
