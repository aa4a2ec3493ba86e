// The user's replay settings, decoded once: backends, their table of classes, their rules of normalisation.
import type { JsonValue } from "../model/json.ts";
import { type BackendSpec, readBackends, type Variables } from "./backendSpec.ts";
import { type EffectRule, readEffectRules } from "./effectClass.ts";
import { type CompiledRule, compileRules, readRules } from "./normalise.ts";

export const REPLAY_SETTINGS = {
	backends: "trajectory.replay.backends",
	effects: "trajectory.replay.effects",
	normalise: "trajectory.replay.normalise",
} as const;

export interface ReplaySettings {
	backends: BackendSpec[];
	effects: EffectRule[];
	rules: CompiledRule[];
	/** What is wrong with them, one sentence each. */
	problems: string[];
}

/** @param value answers a setting by its full name */
export function readReplaySettings(
	value: (name: string) => JsonValue | undefined,
	variables: Variables,
): ReplaySettings {
	const backends = readBackends(value(REPLAY_SETTINGS.backends), REPLAY_SETTINGS.backends, variables);
	const effects = readEffectRules(value(REPLAY_SETTINGS.effects));
	const compiled = compileRules(readRules(value(REPLAY_SETTINGS.normalise)));
	const problems = [
		...backends.problems,
		...effects.problems.map((problem) => `${REPLAY_SETTINGS.effects}: ${problem}`),
		...compiled.problems.map((problem) => `${REPLAY_SETTINGS.normalise}: ${problem}`),
	];
	return { backends: backends.specs, effects: effects.rules, rules: compiled.rules, problems };
}

/** Settings that came with a workspace: they may ask for more care than the servers do, never for less. */
export function withoutLoosening(settings: ReplaySettings): ReplaySettings {
	return {
		...settings,
		backends: settings.backends.map((spec) => ({ ...spec, sandbox: false })),
		effects: settings.effects.filter(({ effect }) => effect === "irreversible" || effect === "unknown"),
	};
}
