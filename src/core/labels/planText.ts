// A reference path in words: what takes a step, with what each argument may be.
import { oneLine } from "../text/line.ts";
import type { ArgumentMatcher, PlanStep, ReferenceAction } from "./referencePlan.ts";

/** `find_order(id: "W-1", days: 1 to 30) or look_up(id: any)`; arguments that are not listed are free. */
export function actionsText({ anyOf }: Pick<PlanStep, "anyOf">): string {
	return anyOf.map(actionText).join(" or ");
}

function actionText({ tool, arguments: matchers }: ReferenceAction): string {
	const listed = Object.entries(matchers).map(([name, matcher]) => `${oneLine(name, 40)}: ${matcherText(matcher)}`);
	return `${oneLine(tool, 80)}(${listed.join(", ")})`;
}

function matcherText(matcher: ArgumentMatcher): string {
	switch (matcher.match) {
		case "exact":
			return oneLine(JSON.stringify(matcher.value), 80);
		case "oneOf":
			return matcher.values.map((value) => oneLine(JSON.stringify(value), 40)).join(" | ");
		case "pattern":
			return `/${oneLine(matcher.pattern, 80)}/`;
		case "range":
			return `${matcher.low ?? "…"} to ${matcher.high ?? "…"}`;
		case "any":
			return "any";
	}
}
