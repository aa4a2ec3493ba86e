// The recorder: lets the served parts meet, over their protocols and nothing else, and keeps the conversation.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { CUSTOMER_MODEL, STOP } from "../servers/models.ts";
import type { RunningWorld } from "../servers/world.ts";
import type { Message, ToolCallMessage } from "../world/messages.ts";
import type { Task } from "../world/tasks.ts";
import { functionTools } from "../world/tools.ts";
import { customerPrompt, systemPrompt } from "../world/wording.ts";

export interface LiveOptions {
	world: Pick<RunningWorld, "tools" | "policy" | "verifier">;
	task: Task;
	/** Name of a model of the policy endpoint. */
	model: string;
	seed: number;
	budget?: number;
}

export interface LiveRollout extends Verdict {
	messages: Message[];
	/** Of the agent's actions, in order. */
	logProbabilities: number[];
}

interface Verdict {
	reward: number;
	components: Record<string, number>;
}

/** Plays one rollout against running servers. Rejects when one of them fails; the agent's own errors are part of the rollout. */
export async function recordLive(options: LiveOptions): Promise<LiveRollout> {
	const { world, task, seed, budget = task.budget } = options;
	const tools = await connectTools(world.tools, task, seed);
	try {
		const opening = await askCustomer(options, []);
		const messages: Message[] = [
			{ role: "system", content: systemPrompt(task, budget) },
			{ role: "user", content: opening },
		];
		const logProbabilities: number[] = [];
		while (await takeTurn(options, tools, messages, logProbabilities)) {
			// Each turn adds the agent's message and what came back.
		}
		return { messages, logProbabilities, ...(await postJson<Verdict>(world.verifier, { messages })) };
	} finally {
		await tools.close();
	}
}

async function connectTools(url: string, task: Task, seed: number): Promise<Client> {
	const client = new Client({ name: "practice-recorder", version: "0.1.0" });
	await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Parameters<Client["connect"]>[0]);
	await client.callTool({ name: "world_reset", arguments: { task_id: task.id, seed } });
	return client;
}

/** One agent step with its results; false when the conversation is over. */
async function takeTurn(
	options: LiveOptions,
	tools: Client,
	messages: Message[],
	logProbabilities: number[],
): Promise<boolean> {
	const { world, model, seed } = options;
	const request = { model, messages, seed, tools: functionTools(), logprobs: true };
	const body = await postJson(`${world.policy}/chat/completions`, request);
	const message = messageOf(body);
	messages.push(message);
	logProbabilities.push(body.choices[0]!.logprobs!.content[0]!.logprob);
	if (message.tool_calls === undefined) {
		const reply = await askCustomer(options, messages.slice(1));
		if (reply === STOP) return false;
		messages.push({ role: "user", content: reply });
		return true;
	}
	for (const call of message.tool_calls) {
		const { name } = call.function;
		messages.push({ role: "tool", tool_call_id: call.id, name, content: await callTool(tools, call) });
	}
	return true;
}

/** Text of a result. An error of the protocol is shown to the agent in the words of the protocol. */
async function callTool(tools: Client, call: ToolCallMessage): Promise<string> {
	const { name, arguments: args } = call.function;
	try {
		const { content } = await tools.callTool({ name, arguments: JSON.parse(args) as Record<string, unknown> });
		return (content as { type: string; text?: string }[]).map((part) => part.text ?? "").join("\n");
	} catch (error) {
		if (error instanceof McpError) return error.message;
		throw error;
	}
}

/** The customer's next message: they see the conversation from the other side, without tools. */
async function askCustomer({ world, task, seed }: LiveOptions, messages: readonly Message[]): Promise<string> {
	const seen = messages
		.filter((message) => message.role === "user" || (message.role === "assistant" && message.tool_calls === undefined))
		.map(({ role, content }) => ({ role: role === "user" ? "assistant" : "user", content }));
	const request = {
		model: CUSTOMER_MODEL,
		seed,
		messages: [{ role: "system", content: customerPrompt(task) }, ...seen],
	};
	return messageOf(await postJson(`${world.policy}/chat/completions`, request)).content ?? "";
}

interface CompletionBody {
	choices: { message: Message & { refusal?: unknown }; logprobs: { content: { logprob: number }[] } | null }[];
}

function messageOf(body: CompletionBody): Message {
	const { refusal: _, ...message } = body.choices[0]!.message;
	return message;
}

async function postJson<Answer = CompletionBody>(url: string, body: unknown): Promise<Answer> {
	const response = await fetch(url, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
	return (await response.json()) as Answer;
}
