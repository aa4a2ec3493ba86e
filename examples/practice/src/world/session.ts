// One caller's desk: calls with a seed, and marks of time and number on results where the jitter switch is on.
import { callTool } from "./actions.ts";
import { type Arguments, type Desk, driftOf, type Observation, openDesk, type WorldSwitches } from "./desk.ts";
import { bits, PURPOSE, uniform } from "./random.ts";
import { callDesk, withNotice } from "./state.ts";
import type { Task } from "./tasks.ts";

export interface SessionSwitches extends WorldSwitches {
	/** Results carry a time and a receipt number that differ from seed to seed. */
	jitter: boolean;
}
export const PLAIN_SESSION: SessionSwitches = { rescue: 0, jitter: false };

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
	const drifted = drift(session);
	const action = callTool(tool, args);
	const { desk, observation } = callDesk(session.task, drifted.desk, action, session.switches);
	const noticed = drifted.returned < 0 ? observation : withNotice(session.task, observation, drifted.returned);
	return {
		session: { ...session, desk, calls: session.calls + 1 },
		observation: session.switches.jitter ? withJitter(session, noticed) : noticed,
	};
}

function drift(session: Session): { desk: Desk; returned: number } {
	const outcomes = driftOf(session.desk, session.switches);
	if (outcomes.length === 1) return outcomes[0]!;
	let chance = uniform(session.seed, session.calls, PURPOSE.world);
	for (const outcome of outcomes) {
		if (chance < outcome.probability) return outcome;
		chance -= outcome.probability;
	}
	return outcomes.at(-1)!;
}

const FIRST_MORNING = Date.UTC(2026, 0, 5, 8);

/** A plausible time and receipt: they depend on seed and place only, so the same session gives the same marks again. */
function withJitter({ seed, calls }: Session, observation: Observation): Observation {
	if (!observation.ok) return observation;
	const number = bits(seed, calls, PURPOSE.jitter);
	const time = new Date(FIRST_MORNING + (seed % 86_400) * 1000 + calls * 60_000 + (number % 50_000)).toISOString();
	return { ok: true, data: { ...observation.data, at: time, receipt: `R-${number.toString(16).padStart(8, "0")}` } };
}
