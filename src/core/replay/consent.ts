// Who may run what: consent as data. The core says what must be asked; hosts ask, and nobody else decides.
import type { JsonValue } from "../model/json.ts";
import { type EffectClass, matchesName } from "./effectClass.ts";

/** A call about to run, exactly as the person is shown it. */
export interface CallRequest {
	backend: string;
	tool: string;
	arguments: JsonValue;
	effect: EffectClass;
	because: string;
}

/** What a person has agreed to so far. Kept in memory only: it ends with the session. */
export interface Grants {
	/** Backends whose reads may run. */
	reads: ReadonlySet<string>;
	/** Patterns of tools that were named beforehand (`--allow`), any class. */
	tools: readonly string[];
}

export const NO_GRANTS: Grants = { reads: new Set(), tools: [] };

/** `reads`: one question for all reads of this backend. `call`: a question for exactly this call. */
export type ConsentNeeded = "none" | "reads" | "call";

/** Unknown counts as irreversible, and whatever is no read is asked for each time. */
export function consentNeeded(
	request: Pick<CallRequest, "backend" | "tool" | "effect">,
	grants: Grants,
): ConsentNeeded {
	if (grants.tools.some((pattern) => matchesName(pattern, request.tool))) return "none";
	if (request.effect !== "read") return "call";
	return grants.reads.has(request.backend) ? "none" : "reads";
}

export function withReads(grants: Grants, backend: string): Grants {
	return { ...grants, reads: new Set([...grants.reads, backend]) };
}
