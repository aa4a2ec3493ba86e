// Turns of a conversation to steps: results are put to the calls that they answer, whatever the log's shape.
import { blankStep, extendOrigin, numberSteps } from "../model/create.ts";
import type { JsonValue } from "../model/json.ts";
import type { Observation, Place, Step, StepRole } from "../model/trajectory.ts";
import type { ReadContext } from "./format.ts";
import type { ReadParts } from "./parts.ts";

/** One message or event of a log, as it stands there. */
export interface Turn {
	role: StepRole;
	place: Place;
	/** The index or id that the format itself uses. */
	index: number | string | null;
	parts: ReadParts;
	/** What else the log says of the step. */
	fields?: Partial<Step>;
	/** The results here answer no call: `own` are a step of the environment, `previous` belong to the step before. */
	unasked?: "own" | "previous";
}

/**
 * Steps in order. A result joins the step that asked for it, found by call id, or by order where the log has no ids; a
 * turn that holds nothing else makes no step of its own. A result without a call becomes a step of the environment and
 * is reported.
 */
export function stepsOfTurns(turns: Turn[], context: Pick<ReadContext, "problem">): Step[] {
	const steps: Step[] = [];
	const callers = new Map<string, Step>();
	for (const turn of turns) {
		const { parts } = turn;
		const step = stepOfTurn(turn);
		if (turn.unasked !== undefined) {
			const before = turn.unasked === "previous" ? steps.at(-1) : undefined;
			if (before !== undefined) extendOrigin(before, turn.place);
			else steps.push({ ...step, role: "environment" });
			(steps.at(-1) as Step).observations.push(...parts.observations);
			continue;
		}
		for (const made of parts.calls) if (made.id !== null) callers.set(made.id, step);
		if (turn.role === "agent") {
			steps.push(step);
			for (const result of parts.observations) attach(result, turn.place, steps, callers, context, step);
			continue;
		}
		const alone = parts.observations.filter((result) => !attach(result, turn.place, steps, callers, context, null));
		if (alone.length > 0)
			steps.push({ ...stepOfTurn(turn), role: "environment", text: "", images: [], observations: alone });
		if (parts.observations.length === 0 || says(parts)) steps.push(step);
	}
	return numberSteps(steps);
}

/** Whether a turn says something besides the results in it. */
export function says(parts: ReadParts): boolean {
	return parts.text !== "" || parts.reasoning !== "" || parts.calls.length > 0 || parts.images.length > 0;
}

/** The step that a turn alone would be, without its results. */
export function stepOfTurn(turn: Turn): Step {
	const { parts } = turn;
	const step = blankStep({ ...turn.place, index: turn.index }, turn.role);
	Object.assign(step, turn.fields);
	step.text = parts.text;
	if (parts.reasoning !== "") step.reasoning = parts.reasoning;
	step.calls = [...parts.calls];
	step.images = [...parts.images];
	if (parts.rest.length > 0) step.extra = { ...step.extra, parts: parts.rest as JsonValue };
	return step;
}

/** Puts a result into the step that asked for it. False where no step did: then `own`, the agent's step, keeps it. */
function attach(
	result: Observation,
	place: Place,
	steps: Step[],
	callers: Map<string, Step>,
	context: Pick<ReadContext, "problem">,
	own: Step | null,
): boolean {
	const caller = result.callId === null ? lastUnanswered(steps, result.tool) : callers.get(result.callId);
	if (caller === undefined) {
		context.problem(place, `a tool result without a call${result.callId === null ? "" : ` (${result.callId})`}`);
		own?.observations.push(result);
		return false;
	}
	caller.observations.push(result);
	extendOrigin(caller, place);
	return true;
}

/** Logs without call ids pair results with calls by order. */
function lastUnanswered(steps: Step[], tool: string | null): Step | undefined {
	const last = steps.at(-1);
	if (last === undefined || last.role !== "agent") return undefined;
	if (last.observations.length >= Math.max(last.calls.length, 1)) return undefined;
	const expected = last.calls[last.observations.length];
	return expected === undefined || tool === null || expected.name === tool ? last : undefined;
}
