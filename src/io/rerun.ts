// Reruns: k continuations of a prefix in parallel, each with tools of its own, recorded as they grow, then judged.
import type { JsonObject, JsonValue } from "../core/model/json.ts";
import { fail, type Result, succeed } from "../core/model/problem.ts";
import type { Outcome, Rollout, ToolSchema } from "../core/model/trajectory.ts";
import type { BackendSpec } from "../core/replay/backendSpec.ts";
import { consentNeeded, type Grants } from "../core/replay/consent.ts";
import { classifyTool, type EffectRule } from "../core/replay/effectClass.ts";
import { executeReplay, type ReplayPorts } from "../core/replay/execute.ts";
import type { CompiledRule } from "../core/replay/normalise.ts";
import { planReplay } from "../core/replay/plan.ts";
import { type ChatMessage, chatMessages, chatTools, sentMessage } from "../core/rerun/chat.ts";
import { completionBody, type Sampling } from "../core/rerun/completion.ts";
import { type Fork, forkProblem, forkSteps } from "../core/rerun/fork.ts";
import { type LoopEnd, type LoopLimits, type LoopPorts, runLoop } from "../core/rerun/loop.ts";
import { mirrored, recordedReply, scriptedReply, simulatedReply } from "../core/rerun/otherSide.ts";
import { type Backend, planningTools } from "./backends/backend.ts";
import { type ClientLimits, complete, type Endpoint } from "./chatCompletions.ts";
import { type ExternalRunner, runExternal } from "./externalRunner.ts";
import { openBackends, replayPorts } from "./liveReplay.ts";
import { openStore, type StoredRollout } from "./rolloutStore.ts";
import { type Verifier, verify } from "./verifiers.ts";

/** Who speaks for the user after the fork; stored with every continuation. */
export type OtherSide =
	| { kind: "nobody" }
	/** The recorded user, until the continuation leaves the recording; then `otherwise`. */
	| { kind: "recording"; otherwise: OtherSide }
	| { kind: "script"; lines: string[] }
	| { kind: "simulated"; endpoint: Endpoint; model: string; instruction: string }
	| { kind: "person"; ask(messages: readonly ChatMessage[]): Promise<string | null> };

export interface RerunRequest {
	rollout: Rollout;
	/** Run of the rollout as lists show it: continuations join its group. */
	run: string;
	fork: Fork;
	k: number;
	/** Continuations at one time. */
	parallel: number;
	policy: { endpoint: Endpoint; sampling: Sampling; limits?: ClientLimits };
	/** The user's own program instead of the built-in agent; it brings its own tools. */
	external?: ExternalRunner;
	backends: readonly BackendSpec[];
	effects: readonly EffectRule[];
	rules: readonly CompiledRule[];
	grants: Grants;
	consent: ReplayPorts["consent"];
	otherSide: OtherSide;
	verifier: Verifier | null;
	limits: LoopLimits;
	/** JSON Lines file of our store. */
	file: string;
	/** Distinguishes this rerun's rollouts from those of others. */
	name: string;
	signal: AbortSignal;
	/** Called after each write of the store. */
	changed(): void;
	/** Kept with every continuation: what it was made for. */
	notes?: JsonObject;
}

export interface Continuation {
	rollout: StoredRollout;
	outcome: Outcome;
	end: LoopEnd;
	/** Why there is no reward; null where there is one, or no verifier. */
	unjudged: string | null;
}

export const LOOP_LIMITS: LoopLimits = { steps: 100, tokens: 2_000_000 };

/** Runs to the end, or to cancelling. Whatever happens to one continuation, the others go on. */
export async function rerun(request: RerunRequest): Promise<Result<Continuation[], string>> {
	const problem = forkProblem(request.rollout, request.fork);
	if (problem !== null) return fail(problem);
	const stored: StoredRollout[] = [];
	const store = openStore(request.file, stored, request.changed);
	const done: Continuation[] = [];
	let next = 0;
	const worker = async (): Promise<void> => {
		while (next < request.k && !request.signal.aborted) {
			done.push(await addContinuation(request, next++, stored, store.save));
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, Math.min(request.parallel, request.k)) }, worker));
	const unwritten = await store.settled();
	return unwritten === null ? succeed(done) : fail(`${request.file}: ${unwritten}`);
}

/**
 * One continuation, which is in `stored` from its first message on.
 * @param number tells it from the others of the same name, and chooses its seed
 * @param save writes `stored`
 */
export async function addContinuation(
	request: RerunRequest,
	number: number,
	stored: StoredRollout[],
	save: () => void,
): Promise<Continuation> {
	const rollout = blankContinuation(request, number);
	stored.push(rollout);
	const done = await continueOne(request, rollout, number, save);
	save();
	return done;
}

function blankContinuation(request: RerunRequest, number: number): StoredRollout {
	const { rollout, fork, policy, name } = request;
	const shared = rollout.steps.slice(0, fork.step);
	return {
		id: `${rollout.id}@${fork.step}.${name}.${number}`,
		task: rollout.task,
		run: request.run,
		parent: rollout.id,
		branchStep: fork.step - 1,
		branchMessage: chatMessages(shared).length,
		model: policy.sampling.model,
		messages: chatMessages(forkSteps(rollout, fork)),
		tools: rollout.tools,
		reference: rollout.reference,
		reward: null,
		components: {},
		ending: "running",
		truncated: true,
		rerun: {
			edit: fork.edit === null ? null : { step: fork.step, what: fork.edit.what, text: fork.edit.text },
			sampling: { ...samplingOf(request, number) } as unknown as JsonObject,
			runner: request.external === undefined ? "built-in" : request.external.command,
			other_side: request.external === undefined ? request.otherSide.kind : null,
			verifier: request.verifier?.kind ?? null,
			...request.notes,
		},
	};
}

/** Each continuation has a seed of its own, or none at all where none was given. */
function samplingOf({ policy: { sampling } }: RerunRequest, number: number): Sampling {
	return sampling.seed === null ? sampling : { ...sampling, seed: sampling.seed + number };
}

async function continueOne(
	request: RerunRequest,
	stored: StoredRollout,
	number: number,
	save: () => void,
): Promise<Continuation> {
	save();
	if (request.external !== undefined) return continueOutside(request, request.external, stored);
	const opened = await openBackends(request.backends, request.signal);
	try {
		const ready = await prepare(request, opened.backends, opened.problems);
		if (ready !== null) return finished(request, stored, { kind: "failed", reason: ready, tokens: 0 });
		if (stored.tools.length === 0) stored.tools = agentTools(opened.backends);
		const ports = loopPorts(request, stored, opened.backends, number, save);
		return await finished(request, stored, await runLoop(stored.messages, ports, request.limits));
	} finally {
		await opened.close();
	}
}

async function continueOutside(
	request: RerunRequest,
	runner: ExternalRunner,
	stored: StoredRollout,
): Promise<Continuation> {
	const result = await runExternal(runner, stored.task, stored.messages, request.signal);
	if (!result.ok) {
		const kind = request.signal.aborted ? "cancelled" : "failed";
		return finished(request, stored, { kind, reason: result.error, tokens: 0 });
	}
	stored.messages = result.value;
	return finished(request, stored, { kind: "ended", reason: "the runner's log ends", tokens: 0 });
}

/** Brings the environment to the fork by making the recorded calls again; the reason where that cannot be done. */
async function prepare(
	{ rollout, fork, effects, rules, grants, consent, signal }: RerunRequest,
	backends: Backend[],
	problems: readonly string[],
): Promise<string | null> {
	if (problems.length > 0) return problems.join("; ");
	const last = fork.edit === null ? fork.step - 1 : fork.step;
	const plan = planReplay(rollout, {
		range: { from: last + 1, to: last },
		backends: backends.map(planningTools),
		rules: effects,
		grants,
	});
	const running = executeReplay(plan, replayPorts(backends, consent, signal), rules);
	for (;;) {
		const next = await running.next();
		if (next.done === true) return next.value.kind === "done" ? null : next.value.reason;
	}
}

/** The tools that an agent is offered: not those that belong to the environment. */
function agentTools(backends: readonly Backend[]): ToolSchema[] {
	return backends.flatMap((backend) => {
		const environment = planningTools(backend).environment;
		const own = new Set([environment?.reset?.tool, environment?.snapshot?.tool, environment?.restore?.tool]);
		return [...backend.tools.values()].filter(({ name }) => !own.has(name));
	});
}

function loopPorts(
	request: RerunRequest,
	stored: StoredRollout,
	backends: readonly Backend[],
	number: number,
	save: () => void,
): LoopPorts {
	const { policy, signal } = request;
	const prefixLength = stored.messages.length;
	const tools = chatTools(stored.tools);
	return {
		complete: (messages) =>
			complete(
				policy.endpoint,
				completionBody(messages.map(sentMessage), tools, samplingOf(request, number)),
				signal,
				policy.limits,
			),
		call: (tool, args) => callTool(request, backends, tool, args),
		reply: (messages) => replyOf(request, request.otherSide, messages, prefixLength, number),
		grown: save,
		cancelled: () => signal.aborted,
	};
}

async function callTool(
	{ effects, grants, consent, signal }: RerunRequest,
	backends: readonly Backend[],
	tool: string,
	args: JsonValue,
): ReturnType<LoopPorts["call"]> {
	// a mistaken call is the agent's own error: an MCP server refuses it in its own words, and counts it
	const isServer = ({ spec }: Backend): boolean => spec.kind === "mcp-http" || spec.kind === "mcp-stdio";
	const backend = backends.find(({ tools }) => tools.has(tool)) ?? backends.find(isServer);
	if (backend === undefined) return { kind: "result", text: `Error: there is no tool ${tool}`, isError: true };
	const { effect, because } = classifyTool(tool, backend.tools.get(tool)?.hints ?? null, effects);
	const name = backend.spec.name;
	const needed = backend.spec.sandbox ? "none" : consentNeeded({ backend: name, tool, effect }, grants);
	if (needed !== "none") {
		const answer = await consent({ backend: name, tool, arguments: args, effect, because }, needed);
		if (answer !== "run") return { kind: "refused" };
	}
	return backend.call(tool, args, signal);
}

async function replyOf(
	request: RerunRequest,
	side: OtherSide,
	messages: readonly ChatMessage[],
	prefixLength: number,
	number: number,
): Promise<Result<string | null, string>> {
	switch (side.kind) {
		case "nobody":
			return succeed(null);
		case "script":
			return succeed(scriptedReply(side.lines, prefixLength, messages));
		case "person":
			return succeed(await side.ask(messages));
		case "recording": {
			const recorded = recordedReply(request.rollout, messages);
			if (recorded !== undefined) return succeed(recorded);
			return replyOf(request, side.otherwise, messages, prefixLength, number);
		}
		case "simulated": {
			const sampling: Sampling = { ...samplingOf(request, number), model: side.model };
			const body = completionBody(mirrored(side.instruction, messages), [], sampling);
			const answer = await complete(side.endpoint, body, request.signal, request.policy.limits);
			return answer.ok ? succeed(simulatedReply(answer.value.message.content)) : fail(`the user: ${answer.error}`);
		}
	}
}

async function finished(request: RerunRequest, stored: StoredRollout, end: LoopEnd): Promise<Continuation> {
	stored.ending = end.kind === "ended" ? "ended" : `${end.kind}: ${end.reason}`;
	stored.truncated = end.kind !== "ended";
	const { verifier, signal } = request;
	// a continuation that we ourselves broke off says nothing about the agent
	const judged = verifier === null || end.kind === "failed" || end.kind === "cancelled" ? null : verifier;
	if (judged === null)
		return { rollout: stored, outcome: "unknown", end, unjudged: verifier === null ? null : end.reason };
	const reward = await verify(judged, { messages: stored.messages, reference: stored.reference }, signal);
	if (!reward.ok) return { rollout: stored, outcome: "unknown", end, unjudged: reward.error };
	stored.reward = reward.value.reward;
	stored.components = reward.value.components;
	return { rollout: stored, outcome: reward.value.outcome, end, unjudged: null };
}
