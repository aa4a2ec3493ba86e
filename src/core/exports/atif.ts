// Rollouts as ATIF documents, the interchange format that Harbor and others read.
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { ImageReference, Rollout, Step, StepRole, TokenUsage } from "../model/trajectory.ts";
import { type Exporter, isoTime, linkedStep } from "./exporter.ts";

const SOURCES: Record<StepRole, string> = { agent: "agent", user: "user", system: "system", environment: "system" };

export const atifDocument: Exporter = {
	id: "atif",
	title: "ATIF v1.6 trajectory",
	write: (rollout) => JSON.stringify(document(rollout)),
};

function document(rollout: Rollout): JsonObject {
	const { id, task, reward, outcome, tokens, cost } = rollout;
	return {
		schema_version: "ATIF-v1.6",
		session_id: id,
		agent: {
			name: rollout.agent ?? "unknown",
			version: "unknown",
			...(rollout.model === null ? {} : { model_name: rollout.model }),
			...(rollout.tools.length === 0
				? {}
				: { tool_definitions: rollout.tools.map((tool) => ({ type: "function", function: { ...tool } })) }),
		},
		steps: rollout.steps.map(stepDocument),
		...(tokens === null && cost === null ? {} : { final_metrics: metrics(tokens, cost, "total_") }),
		extra: {
			task_id: task,
			...(reward === null ? {} : { reward }),
			...(outcome === "unknown" ? {} : { success: outcome === "success" }),
		},
	};
}

function metrics(tokens: TokenUsage | null, cost: number | null, prefix: string): JsonObject {
	const named = {
		prompt_tokens: tokens?.prompt ?? null,
		completion_tokens: tokens?.completion ?? null,
		cached_tokens: tokens?.cached ?? null,
		cost_usd: cost,
	};
	const known = Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== null);
	return Object.fromEntries(known.map(([key, value]) => [prefix + key, value]));
}

function stepDocument(step: Step, index: number): JsonObject {
	const { callIds, observations } = linkedStep(step);
	const timestamp = isoTime(step.time);
	const extra: JsonObject = {
		...(step.role === "environment" ? { role: "environment" } : {}),
		...(step.agent === null ? {} : { agent: step.agent }),
	};
	return {
		step_id: index + 1,
		...(timestamp === undefined ? {} : { timestamp }),
		source: SOURCES[step.role],
		...(step.role === "agent" && step.model !== null ? { model_name: step.model } : {}),
		message: contentOf(step.text, step.images),
		...(step.reasoning === "" ? {} : { reasoning_content: step.reasoning }),
		...(step.calls.length === 0
			? {}
			: {
					tool_calls: step.calls.map((call, position) => ({
						tool_call_id: callIds[position] as string,
						function_name: call.name,
						// readers decode text as JSON, so a text that is none must be encoded
						arguments: typeof call.arguments === "string" ? JSON.stringify(call.arguments) : call.arguments,
						...(call.requestor === null ? {} : { extra: { requestor: call.requestor } }),
					})),
				}),
		...(observations.length === 0
			? {}
			: {
					observation: {
						results: observations.map(({ observation, callId }) => ({
							source_call_id: callId ?? observation.callId,
							content: contentOf(observation.text, observation.images),
							...(observation.isError ? { extra: { is_error: true } } : {}),
						})),
					},
				}),
		...(step.tokens === null && step.cost === null ? {} : { metrics: metrics(step.tokens, step.cost, "") }),
		...(step.copied ? { is_copied_context: true } : {}),
		...(Object.keys(extra).length === 0 ? {} : { extra }),
	};
}

/** Text, or text and pictures as parts. The bytes of embedded pictures are not at hand and stay out. */
function contentOf(text: string, images: ImageReference[]): JsonValue {
	const pictures = images.flatMap(({ path, mediaType }): JsonValue[] =>
		path === null
			? []
			: [{ type: "image", source: { ...(mediaType === null ? {} : { media_type: mediaType }), path } }],
	);
	if (pictures.length === 0) return text;
	return text === "" ? pictures : [{ type: "text", text }, ...pictures];
}
