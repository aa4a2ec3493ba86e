// One caller's desk: calls with a seed, and marks of time and number on results where the jitter switch is on.
import { callTool } from "./actions.ts";
import { type Arguments, type Desk, type Observation, openDesk, type WorldSwitches } from "./desk.ts";
import { bits, PURPOSE, uniform } from "./random.ts";
import { type DeskOutcome, deskOutcomes } from "./state.ts";
import type { Task } from "./tasks.ts";

export interface SessionSwitches extends WorldSwitches {
	/** Results carry a time and a receipt number that differ from seed to seed. */
	jitter: boolean;
	/** Name of a tool that was changed since: its results carry a revision number that they did not have. */
	altered: string | null;
}
export const PLAIN_SESSION: SessionSwitches = { rescue: 0, jitter: false, altered: null };

/** Everything that a snapshot has to keep. */
export interface Session {
	task: Task;
	desk: Desk;
	seed: number;
	/** Calls so far, refused ones included: the place in the seed's stream. */
	calls: number;
	switches: SessionSwitches;
}

export function openSession(task: Task, seed: number, switches: SessionSwitches = PLAIN_SESSION): Session {
	return { task, desk: openDesk(task), seed, calls: 0, switches };
}

/** Carries out a call. The session that was passed stays as it was and can be gone back to. */
export function callInSession(
	session: Session,
	tool: string,
	args: Arguments,
): { session: Session; observation: Observation } {
	const { desk, observation } = drawOutcome(session, tool, args);
	return {
		session: { ...session, desk, calls: session.calls + 1 },
		observation: withMarks(session, tool, observation),
	};
}

function drawOutcome({ task, desk, seed, calls, switches }: Session, tool: string, args: Arguments): DeskOutcome {
	const outcomes = deskOutcomes(task, desk, callTool(tool, args), switches);
	let chance = outcomes.length === 1 ? 0 : uniform(seed, calls, PURPOSE.world);
	for (const outcome of outcomes) {
		if (chance < outcome.probability) return outcome;
		chance -= outcome.probability;
	}
	return outcomes.at(-1)!;
}

/** What the switches add to a result. */
function withMarks(session: Session, tool: string, observation: Observation): Observation {
	if (!observation.ok) return observation;
	const { jitter, altered } = session.switches;
	const revision = altered === tool ? { revision: 2 } : {};
	return { ok: true, data: { ...observation.data, ...revision, ...(jitter ? jitterOf(session) : {}) } };
}

const FIRST_MORNING = Date.UTC(2026, 0, 5, 8);

/** A plausible time and receipt: they depend on seed and place only, so the same session gives the same marks again. */
function jitterOf({ seed, calls }: Session): { at: string; receipt: string } {
	const number = bits(seed, calls, PURPOSE.jitter);
	const time = FIRST_MORNING + (seed % 86_400) * 1000 + calls * 60_000 + (number % 50_000);
	return { at: new Date(time).toISOString(), receipt: `R-${number.toString(16).padStart(8, "0")}` };
}
