// What an export format is: one rollout as one line of text. One format = one file beside this one + one registry line.
import type { Observation, Rollout, Step } from "../model/trajectory.ts";

export interface Exporter {
	/** Stable name for `--to`: lower case with dashes. */
	id: string;
	title: string;
	/** The rollout as one JSON text on one line, without a newline. Reading it again gives the same steps. */
	write(rollout: Rollout): string;
}

export interface LinkedStep {
	/** Ids of the step's calls, in order. */
	callIds: string[];
	/** Each observation with the id of the call of this step that it answers; null where it answers none of them. */
	observations: { observation: Observation; callId: string | null }[];
}

/**
 * Ids by which a step's observations name the calls that they answer. Formats want ids where many logs have none: then
 * they are made up from the places of step and call, and observations without an id answer the calls in order.
 */
export function linkedStep(step: Step): LinkedStep {
	const callIds = step.calls.map((call, index) => call.id ?? `call_${step.step}_${index}`);
	return {
		callIds,
		observations: step.observations.map((observation, index) => {
			const made = step.calls[index]?.id === null ? callIds[index] : undefined;
			const known = observation.callId !== null && callIds.includes(observation.callId) ? observation.callId : null;
			return { observation, callId: observation.callId === null ? (made ?? null) : known };
		}),
	};
}

/** A time as ISO text; undefined where it is unknown or no date can hold it. */
export function isoTime(milliseconds: number | null): string | undefined {
	if (milliseconds === null || Math.abs(milliseconds) > 8.64e15) return undefined;
	return new Date(milliseconds).toISOString();
}
