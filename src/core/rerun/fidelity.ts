// The fidelity card: how far a rerun is the run that was recorded. What the log does not say is said, never invented.

import { meanOf } from "../math/moments.ts";
import { canonicalJson } from "../model/action.ts";
import { asNumber, member } from "../model/json.ts";
import type { Rollout, ToolSchema } from "../model/trajectory.ts";
import type { Sampling } from "./completion.ts";

export interface FidelityRow {
	part: "model" | "sampling" | "chat template" | "tool schemas" | "system prompt" | "policy";
	/** `missing`: the log does not say; `unknown`: it cannot be told from here. */
	state: "same" | "different" | "missing" | "unknown";
	text: string;
}

/** @param offered the tools that the rerun will offer to the agent */
export function fidelityCard(rollout: Rollout, sampling: Sampling, offered: readonly ToolSchema[]): FidelityRow[] {
	return [
		modelRow(rollout, sampling),
		samplingRow(rollout, sampling),
		{ part: "chat template", state: "unknown", text: "the endpoint applies its own" },
		toolsRow(rollout, offered),
		rollout.steps.some(({ role }) => role === "system")
			? { part: "system prompt", state: "same", text: "in the log, sent as it is" }
			: { part: "system prompt", state: "missing", text: "not in the log: the agent goes on without one" },
	];
}

function modelRow(rollout: Rollout, { model }: Sampling): FidelityRow {
	if (rollout.model === null) return { part: "model", state: "missing", text: `not logged; asked is ${model}` };
	if (rollout.model === model) return { part: "model", state: "same", text: model };
	return { part: "model", state: "different", text: `logged ${rollout.model}, asked is ${model}` };
}

function samplingRow(rollout: Rollout, { temperature }: Sampling): FidelityRow {
	const logged = asNumber(member(rollout.extra, "temperature"));
	if (logged === null) return { part: "sampling", state: "missing", text: "no temperature in the log" };
	if (temperature === null)
		return { part: "sampling", state: "unknown", text: `logged ${logged}, the endpoint's own now` };
	return {
		part: "sampling",
		state: logged === temperature ? "same" : "different",
		text: `logged ${logged}, now ${temperature}`,
	};
}

function toolsRow(rollout: Rollout, offered: readonly ToolSchema[]): FidelityRow {
	if (rollout.tools.length === 0)
		return {
			part: "tool schemas",
			state: "missing",
			text: `not logged; those of the backends are offered (${offered.length})`,
		};
	const keys = (tools: readonly ToolSchema[]) =>
		new Map(tools.map((tool) => [tool.name, canonicalJson(tool.parameters)]));
	const now = keys(offered);
	const changed = [...keys(rollout.tools)]
		.filter(([name, parameters]) => now.get(name) !== parameters)
		.map(([name]) => name);
	if (changed.length === 0) return { part: "tool schemas", state: "same", text: `${rollout.tools.length} tools` };
	return {
		part: "tool schemas",
		state: "different",
		text: `logged otherwise, or gone: ${changed.slice(0, 5).join(", ")}`,
	};
}

/** Mean difference per token, in nats, up to which two sets of log-probabilities count as of the same policy. */
const DRIFT = 0.05;

/** Recorded log-probabilities of the same tokens against those that the endpoint gives now. */
export function policyRow(recorded: readonly number[] | null, now: readonly number[] | null): FidelityRow {
	if (recorded === null || now === null || recorded.length === 0 || recorded.length !== now.length)
		return { part: "policy", state: "unknown", text: "no log-probabilities of the recorded tokens to compare" };
	const difference = meanOf(now.map((value, index) => value - (recorded[index] as number)));
	const text = `mean difference ${difference.toFixed(3)} nats a token`;
	return { part: "policy", state: Math.abs(difference) <= DRIFT ? "same" : "different", text };
}
