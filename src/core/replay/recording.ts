// Serving recorded results: a call is answered only if exactly this call was recorded; otherwise the nearest one is shown.
import { countWords, documentFrequencies, similarity } from "../history/words.ts";
import { callKey, canonicalJson } from "../model/action.ts";
import { isObject, type JsonValue } from "../model/json.ts";
import type { Observation, Rollout, ToolCall } from "../model/trajectory.ts";

export interface RecordedCall {
	/** 0-based step that made the call. */
	step: number;
	call: ToolCall;
	/** Null where the log holds no answer. */
	observation: Observation | null;
}

export type Served =
	| { kind: "recorded"; recorded: RecordedCall }
	/** The call itself was recorded, its answer was not. */
	| { kind: "no answer"; recorded: RecordedCall }
	| { kind: "not recorded"; nearest: RecordedCall | null; difference: string };

/** Every call of the rollout with its answer, in order. */
export function recordedCalls(rollout: Rollout): RecordedCall[] {
	return rollout.steps.flatMap((step) =>
		step.calls.map((call, index) => {
			const byId =
				call.id === null ? undefined : step.observations.find((observation) => observation.callId === call.id);
			const byOrder = step.observations[index];
			const observation =
				byId ?? (byOrder !== undefined && (byOrder.callId === null || call.id === null) ? byOrder : null);
			return { step: step.step, call, observation };
		}),
	);
}

/** The recorded answer to a call; of several equal ones the first at or after step `from`, else the last before. */
export function serve(recording: readonly RecordedCall[], name: string, args: JsonValue, from: number): Served {
	const key = callKey({ id: null, name, arguments: args, requestor: null });
	const equal = recording.filter((recorded) => callKey(recorded.call) === key);
	const chosen = equal.find((recorded) => recorded.step >= from) ?? equal.at(-1);
	if (chosen === undefined) {
		const nearest = nearestCall(recording, name, args);
		return {
			kind: "not recorded",
			nearest,
			difference: nearest === null ? "nothing was recorded" : differenceOf(nearest.call, name, args),
		};
	}
	return chosen.observation === null ? { kind: "no answer", recorded: chosen } : { kind: "recorded", recorded: chosen };
}

/** Calls of the same tool come first; among them the one with the most alike arguments. */
function nearestCall(recording: readonly RecordedCall[], name: string, args: JsonValue): RecordedCall | null {
	const sameTool = recording.filter((recorded) => recorded.call.name === name);
	const candidates = sameTool.length > 0 ? sameTool : recording;
	const texts = candidates.map(({ call }) => countWords(`${call.name} ${canonicalJson(call.arguments)}`));
	const wanted = countWords(`${name} ${canonicalJson(args)}`);
	const frequencies = documentFrequencies(texts);
	let best: { recorded: RecordedCall; score: number } | null = null;
	for (const [index, recorded] of candidates.entries()) {
		const score = similarity(wanted, texts[index] ?? new Map(), frequencies, texts.length);
		if (best === null || score > best.score) best = { recorded, score };
	}
	return best?.recorded ?? null;
}

function differenceOf(recorded: ToolCall, name: string, args: JsonValue): string {
	if (recorded.name !== name) return `the recording has no call of ${name}`;
	if (!isObject(recorded.arguments) || !isObject(args)) return "the arguments differ";
	const own = args;
	const other = recorded.arguments;
	const keys = [...new Set([...Object.keys(own), ...Object.keys(other)])];
	const different = keys.filter((key) => canonicalJson(own[key] ?? null) !== canonicalJson(other[key] ?? null));
	return different
		.map((key) => `${key}: ${canonicalJson(own[key] ?? null)} instead of ${canonicalJson(other[key] ?? null)}`)
		.join("; ");
}
