// Runs a plan call by call: asks, calls, compares. Pure: consent, backends and cancelling are passed in.

import { type Comparison, compareObservation, type ObservedResult } from "./comparison.ts";
import type { CallRequest, ConsentNeeded } from "./consent.ts";
import type { CompiledRule } from "./normalise.ts";
import type { PlannedCall, ReplayPlan } from "./plan.ts";

/** What a backend made of a call: a result (which may be an error that the tool reports), or no result at all. */
export type ToolAnswer = ({ kind: "result" } & ObservedResult) | { kind: "failed"; reason: string };

/** `stop` ends the replay, `skip` leaves out this call. */
export type Consent = "run" | "skip" | "stop";

export interface ReplayPorts {
	call(backend: string, tool: string, args: PlannedCall["call"]["arguments"]): Promise<ToolAnswer>;
	/** Asked for whatever needs it, with exactly what would run. */
	consent(request: CallRequest, needed: Exclude<ConsentNeeded, "none">): Promise<Consent>;
	cancelled(): boolean;
}

export interface ReplayedCall extends PlannedCall {
	outcome: "replayed" | "failed" | "skipped";
	/** Null where there is no new result. */
	comparison: Comparison | null;
	replayed: ObservedResult | null;
	/** Why there is no new result. */
	reason: string | null;
}

export type ReplayEnd = { kind: "done" } | { kind: "stopped"; reason: string };

/**
 * Yields every call with its verdict. In the calls that only lead to the range, a difference ends the replay: what
 * follows would not be what was recorded.
 */
export async function* executeReplay(
	plan: ReplayPlan,
	ports: ReplayPorts,
	rules: readonly CompiledRule[],
): AsyncGenerator<ReplayedCall, ReplayEnd> {
	const agreed = new Set<string>();
	const opened = await openEnvironments(plan, ports);
	if (opened !== null) return opened;
	for (const planned of plan.calls) {
		if (ports.cancelled()) return { kind: "stopped", reason: "cancelled" };
		if (planned.backend === null) {
			yield { ...planned, outcome: "skipped", comparison: null, replayed: null, reason: planned.because };
			continue;
		}
		const consent = await ask(planned, planned.backend, ports, agreed);
		if (consent === "stop") return { kind: "stopped", reason: "not agreed to" };
		if (consent === "skip") {
			yield { ...planned, outcome: "skipped", comparison: null, replayed: null, reason: "not agreed to" };
			if (planned.prefix) return { kind: "stopped", reason: `step #${planned.step} before the range was left out` };
			continue;
		}
		const replayed = await replayCall(planned, planned.backend, ports, rules);
		yield replayed;
		const verdict = replayed.comparison?.verdict;
		if (planned.prefix && verdict !== "equal" && verdict !== "equivalent" && verdict !== "not recorded") {
			const how = replayed.reason === null ? "came out otherwise" : `got no answer: ${replayed.reason}`;
			return { kind: "stopped", reason: `step #${planned.step} before the range ${how}` };
		}
	}
	return { kind: "done" };
}

async function openEnvironments(plan: ReplayPlan, ports: ReplayPorts): Promise<ReplayEnd | null> {
	for (const { backend, call, effect, because, consent } of plan.resets) {
		const request = { backend, tool: call.tool, arguments: call.arguments, effect, because };
		if (consent !== "none" && (await ports.consent(request, consent)) !== "run")
			return { kind: "stopped", reason: `${call.tool} was not agreed to` };
		const answer = await ports.call(backend, call.tool, call.arguments);
		if (answer.kind === "failed") return { kind: "stopped", reason: `${call.tool}: ${answer.reason}` };
		if (answer.isError) return { kind: "stopped", reason: `${call.tool}: ${answer.text}` };
	}
	return null;
}

/** Reads are agreed to once for each backend; what the person said about them holds for the rest of this replay. */
async function ask(planned: PlannedCall, backend: string, ports: ReplayPorts, agreed: Set<string>): Promise<Consent> {
	const { consent, effect, because, call } = planned;
	if (consent === "none" || (consent === "reads" && agreed.has(backend))) return "run";
	const request = { backend, tool: call.name, arguments: call.arguments, effect, because };
	const answer = await ports.consent(request, consent);
	if (consent === "reads" && answer === "run") agreed.add(backend);
	return answer;
}

async function replayCall(
	planned: PlannedCall,
	backend: string,
	ports: ReplayPorts,
	rules: readonly CompiledRule[],
): Promise<ReplayedCall> {
	const answer = await ports.call(backend, planned.call.name, planned.call.arguments);
	if (answer.kind === "failed")
		return { ...planned, outcome: "failed", comparison: null, replayed: null, reason: answer.reason };
	const replayed = { text: answer.text, isError: answer.isError };
	const comparison = compareObservation(planned.recorded, replayed, rules);
	return { ...planned, outcome: "replayed", comparison, replayed, reason: null };
}
