// The agent and the customer as an OpenAI-compatible endpoint on loopback, and the verifier beside it. It keeps nothing between requests.
import { randomInt } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Message, stateOf, taskOf } from "../world/messages.ts";
import { childSeed, hashText } from "../world/random.ts";
import { type VerifierSwitches, verify } from "../world/verifier.ts";
import { streamBodies, toChoice, tokenize, wholeBody } from "./completionBody.ts";
import { type CompletionRequest, decodeRequest } from "./completionRequest.ts";
import { type RunningServer, readJson, sendJson, serveOnLoopback } from "./http.ts";
import { MODELS, type Model } from "./models.ts";

export interface PolicyServerOptions {
	verifier: VerifierSwitches;
	/** Chance that a wrongly sent parcel comes back in the world whose rollouts are verified. */
	rescue: number;
	/** Seed of the verifier's mistakes. */
	seed: number;
}

const BODY_LIMIT = 16 * 1024 * 1024;
/** All models are as old as the world. */
const MODEL_CREATED = Date.UTC(2026, 0, 5) / 1000;

/** Serves `/v1/chat/completions`, `/v1/models` and `/verify`. */
export async function servePolicy(port: number, options: PolicyServerOptions): Promise<RunningServer> {
	return serveOnLoopback(port, (request, response) => route(request, response, options));
}

async function route(request: IncomingMessage, response: ServerResponse, options: PolicyServerOptions): Promise<void> {
	const { pathname } = new URL(request.url ?? "/", "http://policy");
	const model = /^\/v1\/models\/([^/]+)$/.exec(pathname)?.[1];
	if (pathname === "/v1/chat/completions") await onlyFor("POST", request, response, () => complete(request, response));
	else if (pathname === "/verify")
		await onlyFor("POST", request, response, () => answerVerify(request, response, options));
	else if (pathname === "/v1/models") await onlyFor("GET", request, response, () => listModels(response));
	else if (model !== undefined)
		await onlyFor("GET", request, response, () => showModel(response, decodeURIComponent(model)));
	else refuse(response, 404, `there is nothing at ${request.method} ${pathname}`);
}

async function onlyFor(
	method: string,
	request: IncomingMessage,
	response: ServerResponse,
	act: () => void | Promise<void>,
): Promise<void> {
	if (request.method === method) await act();
	else refuse(response, 405, `${request.method} is not allowed here`, null, null, { allow: method });
}

function refuse(
	response: ServerResponse,
	status: number,
	message: string,
	param: string | null = null,
	code: string | null = null,
	headers: Record<string, string> = {},
): void {
	sendJson(response, status, { error: { message, type: "invalid_request_error", param, code } }, headers);
}

function modelObject(id: string) {
	return { id, object: "model", created: MODEL_CREATED, owned_by: "practice" };
}

function listModels(response: ServerResponse): void {
	sendJson(response, 200, { object: "list", data: [...MODELS.keys()].map(modelObject) });
}

function showModel(response: ServerResponse, id: string): void {
	if (MODELS.has(id)) sendJson(response, 200, modelObject(id));
	else refuseModel(response, id);
}

function refuseModel(response: ServerResponse, id: string): void {
	refuse(response, 404, `The model ${JSON.stringify(id)} does not exist`, "model", "model_not_found");
}

async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const body = await readJson(request, BODY_LIMIT);
	if (!body.ok) {
		refuse(response, body.status, body.reason);
		return;
	}
	const decoded = decodeRequest(body.value);
	if (!decoded.ok) {
		refuse(response, 400, decoded.message, decoded.param);
		return;
	}
	const model = MODELS.get(decoded.request.model);
	if (model === undefined) refuseModel(response, decoded.request.model);
	else answer(response, model, decoded.request);
}

function answer(response: ServerResponse, model: Model, request: CompletionRequest): void {
	const seed = request.seed ?? randomInt(0x7fffffff);
	const choices = Array.from({ length: request.n }, (_, index) =>
		toChoice(index, model(request.messages, index === 0 ? seed : childSeed(seed, index), request.temperature), request),
	);
	const promptTokens = request.messages.reduce((sum, message) => sum + tokenize(message.content ?? "").length, 0);
	const id = `chatcmpl-${hashText(`${seed} ${JSON.stringify(choices.map((choice) => choice.message))}`).toString(36)}`;
	const envelope = { id, created: Math.floor(Date.now() / 1000), model: request.model };
	if (!request.stream) {
		sendJson(response, 200, wholeBody(envelope, choices, promptTokens));
		return;
	}
	response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
	for (const event of streamBodies(envelope, choices, promptTokens, request.includeUsage)) {
		response.write(`data: ${JSON.stringify(event)}\n\n`);
	}
	response.end("data: [DONE]\n\n");
}

/** `{messages}` in, `{reward, components}` out. The verifier's mistakes depend on its own seed and on the conversation. */
async function answerVerify(
	request: IncomingMessage,
	response: ServerResponse,
	{ verifier, rescue, seed }: PolicyServerOptions,
): Promise<void> {
	const body = await readJson(request, BODY_LIMIT);
	if (!body.ok) {
		refuse(response, body.status, body.reason);
		return;
	}
	const fields = typeof body.value === "object" && body.value !== null ? body.value : {};
	const decoded = decodeRequest({ model: "verifier", messages: (fields as { messages?: unknown }).messages });
	if (!decoded.ok) {
		refuse(response, 400, decoded.message, decoded.param);
		return;
	}
	const { messages } = decoded.request;
	const task = taskOf(messages);
	if (task === null) {
		refuse(response, 422, "the conversation is of no ticket of the practice desk", "messages");
		return;
	}
	const { reward, components } = verify(
		task,
		stateOf(task, messages, { rescue }),
		verifier,
		mistakeSeed(messages, seed),
	);
	sendJson(response, 200, { reward, components });
}

function mistakeSeed(messages: readonly Message[], seed: number): number {
	return childSeed(seed, hashText(messages.map((message) => message.content ?? "").join("\n")));
}
