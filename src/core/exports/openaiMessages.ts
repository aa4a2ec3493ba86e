// Rollouts as OpenAI chat messages, for training and for other tools. What these messages cannot say is written as user
// messages named "environment" (a step of the environment) and "observation" (a result that no call asked for).
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { Observation, Rollout, Step, StepRole } from "../model/trajectory.ts";
import { type Exporter, linkedStep } from "./exporter.ts";

const ROLES: Record<StepRole, string> = { agent: "assistant", user: "user", system: "system", environment: "user" };

export const openaiMessages: Exporter = {
	id: "openai-messages",
	title: "OpenAI chat messages",
	write: (rollout) => JSON.stringify(record(rollout)),
};

function record(rollout: Rollout): JsonObject {
	const { id, task, reward, model, outcome, tools } = rollout;
	return {
		rollout_id: id,
		task_id: task,
		messages: rollout.steps.flatMap(stepMessages),
		...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: { ...tool } })) }),
		...(reward === null ? {} : { reward }),
		...(outcome === "unknown" ? {} : { success: outcome === "success" }),
		...(model === null ? {} : { model }),
	};
}

/** One message for the step and one for each of its results. */
export function stepMessages(step: Step): JsonObject[] {
	if (step.role === "environment") return environmentMessages(step);
	const { callIds, observations } = linkedStep(step);
	const message: JsonObject = { role: ROLES[step.role], content: contentOf(step) };
	if (step.agent !== null) message.name = step.agent;
	if (step.reasoning !== "") message.reasoning_content = step.reasoning;
	if (step.calls.length > 0) {
		message.tool_calls = step.calls.map((call, index) => ({
			id: callIds[index] as string,
			type: "function",
			function: { name: call.name, arguments: JSON.stringify(call.arguments) },
			...(call.requestor === null ? {} : { requestor: call.requestor }),
		}));
	}
	if (step.reward !== null) message.reward = step.reward;
	if (step.advantage !== null) message.advantage = step.advantage;
	return [message, ...observations.map(({ observation, callId }) => resultMessage(observation, callId))];
}

function resultMessage(observation: Observation, callId: string | null): JsonObject {
	if (callId === null) return { ...unasked("observation", observation) };
	return {
		role: "tool",
		tool_call_id: callId,
		content: observation.text,
		...(observation.tool === null ? {} : { name: observation.tool }),
		...(observation.isError ? { is_error: true } : {}),
	};
}

/** `tool_call_id` tells a result from a text of the environment; it names the call that the log spoke of, if any. */
function unasked(name: string, observation: Observation): JsonObject {
	return {
		role: "user",
		name,
		tool_call_id: observation.callId,
		content: observation.text,
		...(observation.isError ? { is_error: true } : {}),
	};
}

function environmentMessages(step: Step): JsonObject[] {
	const [first, ...others] = step.observations;
	const later = (list: Observation[]): JsonObject[] => list.map((observation) => unasked("observation", observation));
	if (first !== undefined && step.text === "" && step.images.length === 0) {
		return [unasked("environment", first), ...later(others)];
	}
	return [{ role: "user", name: "environment", content: contentOf(step) }, ...later(step.observations)];
}

/** Text, or text and pictures as parts. The bytes of embedded pictures are not at hand and stay out. */
function contentOf(step: Step): JsonValue {
	const paths = step.images.flatMap(({ path }) => path ?? []);
	if (paths.length === 0) return step.text;
	const text: JsonValue[] = step.text === "" ? [] : [{ type: "text", text: step.text }];
	return [...text, ...paths.map((url) => ({ type: "image_url", image_url: { url } }))];
}
