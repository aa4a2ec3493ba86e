// Independent readings of the logs that most people have: short loops over JSON.parse that share nothing with src/.
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { type Any, type Counter, type Facts, jsonValues, parsed, total } from "./facts.ts";

const nothing: Facts = { rollouts: 0, rewards: [], calls: 0, results: 0, labels: 0 };

/** Messages of the OpenAI kind: calls in the agent's, results in the tool's. */
function chatFacts(messages: Any[], reward: Any): Facts {
	return {
		...nothing,
		rollouts: 1,
		rewards: typeof reward === "number" ? [reward] : [],
		calls: messages.reduce((sum, message) => sum + (message.tool_calls?.length ?? 0), 0),
		results: messages.filter((message) => message.role === "tool").length,
	};
}

export const chat: Counter = (path, bytes) => {
	const values = jsonValues(bytes);
	if (Array.isArray(values[0]) && values[0][0]?.traj)
		return total(values[0].map((row: Any) => chatFacts(row.traj, row.reward)));
	if (Array.isArray(values[0]) && values[0][0]?.role) return chatFacts(values[0], null);
	if (values.some((value) => typeof value?.messages_display === "string")) {
		return total(
			values.map((value) => {
				const tools = value.messages_display.split("\n").filter((line: string) => line.startsWith("tool: ")).length;
				return { ...nothing, rollouts: 1, results: tools, calls: undefined };
			}),
		);
	}
	if (!values[0]?.messages || path.includes("/results/")) return null;
	return total(
		values.map((value) => {
			const answer = value.response?.choices?.[0]?.message;
			const facts = chatFacts([...value.messages, ...(answer ? [answer] : [])], value.reward);
			const labels = Object.keys(value.step_labels ?? {}).length + ("final_label" in value ? 1 : 0);
			return { ...facts, labels };
		}),
	);
};

export const claude: Counter = (_, bytes) => {
	const values = jsonValues(bytes);
	const lines: Any[] = (values[0]?.loglines ?? values).filter((line: Any) => line !== null && typeof line === "object");
	if (!values[0]?.loglines && !lines.some((line) => line.parentUuid !== undefined || line.sessionId)) return null;
	const uuids = new Set<string>();
	const spoken = lines.filter((line) => {
		const isNew = line.uuid === undefined || !uuids.has(line.uuid);
		const speaks = ["user", "assistant"].includes(line.type) && typeof line.message === "object";
		if (speaks) uuids.add(line.uuid);
		return isNew && speaks;
	});
	const roots = spoken.filter((line) => line.isSidechain && !line.agentId && !uuids.has(line.parentUuid));
	const agents = new Set(spoken.filter((line) => line.isSidechain && line.agentId).map((line) => line.agentId));
	const blocks = spoken.flatMap((line) => (Array.isArray(line.message.content) ? line.message.content : []));
	const calls = new Set(blocks.filter((block) => block.type === "tool_use").map((block) => block.id));
	const results = blocks.filter((block) => block.type === "tool_result" && calls.has(block.tool_use_id));
	const main = spoken.some((line) => !line.isSidechain) ? 1 : 0;
	return { ...nothing, rollouts: main + agents.size + roots.length, calls: calls.size, results: results.length };
};

export const codex: Counter = (_, bytes) => {
	const values = jsonValues(bytes);
	const isCodex = values.some(
		(value) => value?.payload || value?.item || (value?.instructions && value?.id) || value?.call_id,
	);
	if (!isCodex) return null;
	const calls = new Set<string>();
	const results = new Set<string>();
	let undone = 0;
	for (const value of values) {
		const item = value.payload ?? value.item ?? value;
		const type: string = item?.type ?? "";
		const id = item?.call_id ?? item?.id;
		if (type === "thread_rolled_back") undone++;
		if (type.endsWith("_call") || type === "command_execution") calls.add(id);
		if (type.endsWith("_call_output")) results.add(id);
		if (type.endsWith("_end") && item.call_id) {
			calls.add(id);
			if ("aggregated_output" in item || "stdout" in item) results.add(id);
		}
	}
	return { ...nothing, rollouts: 1 + undone, calls: calls.size, results: results.size };
};

function atifFacts(document: Any): Facts {
	const steps: Any[] = document.steps;
	const own = {
		...nothing,
		rollouts: 1,
		calls: steps.reduce((sum, step) => sum + (step.tool_calls?.length ?? 0), 0),
		results: steps.reduce((sum, step) => sum + (step.observation?.results?.length ?? 0), 0),
	};
	return total([own, ...(document.subagent_trajectories ?? []).map(atifFacts)]);
}

export const atif: Counter = (_, bytes) => {
	const documents = jsonValues(bytes).flatMap((value) =>
		value?.schema_version ? [value] : Object.values(value ?? {}),
	);
	const own = documents.filter((document: Any) => document?.schema_version?.startsWith?.("ATIF"));
	return own.length === 0 ? null : total(own.map(atifFacts));
};

const LETTERS: Record<string, number> = { C: 1, I: 0, P: 0.5, N: 0 };

function inspectSample(sample: Any): Facts {
	const scores: Any[] = Object.values(sample.scores ?? {});
	const value = scores[0]?.value;
	const reward = typeof value === "string" ? LETTERS[value] : typeof value === "boolean" ? Number(value) : value;
	const facts = chatFacts(sample.messages, reward);
	return { ...facts, labels: scores.filter((score) => typeof score.explanation === "string").length };
}

export const inspect: Counter = (path, bytes) => {
	if (path.endsWith(".eval")) {
		const samples = [...zipEntries(bytes)].filter(([name]) => name.startsWith("samples/"));
		return total(samples.map(([, content]) => inspectSample(JSON.parse(content.toString("utf8")))));
	}
	const [log] = jsonValues(bytes);
	if (Array.isArray(log?.samples) && log.samples.length > 0) return total(log.samples.map(inspectSample));
	if (!Array.isArray(log?.events)) return null;
	const says = (event: Any): boolean => {
		const message = event.output?.choices?.[0]?.message;
		return (
			event.event === "tool" ||
			(event.input?.length ?? 0) > 0 ||
			Boolean(message?.content || message?.tool_calls?.length)
		);
	};
	if (!log.events.some(says)) return null;
	const branches = log.events.filter((event: Any) => event.event === "span_begin" && event.type === "branch").length;
	return { rollouts: 1 + branches, rewards: [] };
};

/** Names and contents of a zip archive's deflated entries, by its central directory. */
function* zipEntries(bytes: Buffer): Generator<[string, Buffer]> {
	const end = bytes.lastIndexOf("PK\u0005\u0006");
	let at = bytes.readUInt32LE(end + 16);
	for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
		const [size, nameLength, extraLength, commentLength, start] = [
			bytes.readUInt32LE(at + 20),
			bytes.readUInt16LE(at + 28),
			bytes.readUInt16LE(at + 30),
			bytes.readUInt16LE(at + 32),
			bytes.readUInt32LE(at + 42),
		];
		const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
		const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
		yield [name, inflateRawSync(bytes.subarray(data, data + size))];
		at += 46 + nameLength + extraLength + commentLength;
	}
}

export const sweAgent: Counter = (_, bytes) => {
	const [document] = jsonValues(bytes);
	const steps: Any[] | undefined = document?.trajectory;
	if (!Array.isArray(steps)) return null;
	const acts = steps.filter((step) => step.action !== "");
	return { ...nothing, rollouts: 1, calls: acts.length, results: steps.length };
};

export const miniSweAgent: Counter = (path, bytes) => {
	const [document] = jsonValues(bytes);
	if (Array.isArray(document)) return chat(path, bytes);
	return document?.trajectory_format ? chatFacts(document.messages, null) : null;
};

const SILENT = ["message", "system", "recall", "change_agent_state", "agent_state_changed", "null"];

function openhandsFacts(events: Any[]): Facts {
	const calls = events.filter((event) => event.action !== undefined && !event.kind && !SILENT.includes(event.action));
	const results = events.filter(
		(event) => event.observation !== undefined && !event.kind && !SILENT.includes(event.observation),
	);
	const typed = (kind: string) => events.filter((event) => event.kind === kind).length;
	return {
		...nothing,
		rollouts: 1,
		calls: calls.length + typed("ActionEvent"),
		results: results.length + typed("ObservationEvent"),
	};
}

export const openhands: Counter = (_, bytes) => {
	const values = jsonValues(bytes);
	if (Array.isArray(values[0])) return openhandsFacts(values[0].flat());
	if (values[0]?.history) return total(values.map((row) => openhandsFacts(row.history.flat())));
	if (values[0]?.messages) return chat("", bytes);
	const isEvent = values[0]?.source !== undefined && (values[0].kind ?? values[0].action ?? values[0].observation);
	return isEvent ? openhandsFacts(values) : null;
};

export const tau2: Counter = (_, bytes) => {
	const values = jsonValues(bytes);
	const [document] = values;
	if (Array.isArray(document?.simulations)) {
		return total(
			document.simulations.map((run: Any) => ({
				...chatFacts(run.messages, run.reward_info?.reward),
				labels: undefined,
			})),
		);
	}
	const verdicts: Any[] = document?.entries ?? values;
	if (verdicts[0]?.simulation_id === undefined) return null;
	return {
		rollouts: verdicts.length,
		rewards: verdicts.map((verdict) => verdict.tau2_reward),
		labels: verdicts.reduce((sum, verdict) => {
			const words = /\{[\s\S]*\}/.exec(verdict.judge_response ?? "")?.[0];
			const issues = verdict.judge_issues ?? parsed(words ?? "")?.issues ?? [];
			return sum + 1 + issues.length;
		}, 0),
	};
};

/** Traces that hold a model call or a tool run, and agents whose span stands directly in a tool run's. */
export const spans: Counter = (_, bytes) => {
	const traces = new Set<string>();
	const found: Any[] = [];
	for (const value of jsonValues(bytes).flat()) {
		if (value?.resourceSpans) {
			for (const resource of value.resourceSpans) for (const scope of resource.scopeSpans) found.push(...scope.spans);
		} else if (value?.context || value?.spanContext) found.push(value);
		else
			found.push(
				...Object.values(value ?? {}).flatMap((list) =>
					Array.isArray(list) ? list.filter((span) => span?.context) : [],
				),
			);
	}
	const kinds = /^(?:LLM|TOOL|chat|execute_tool|.*\.doGenerate|ai\.toolCall)$/;
	const tools = new Set(found.filter((span) => span.span_kind === "TOOL").map((span) => span.context?.span_id));
	const helpers = found.filter((span) => span.span_kind === "AGENT" && tools.has(span.parent_id)).length;
	for (const span of found) {
		const attributes: [string, Any][] = Array.isArray(span.attributes)
			? span.attributes.map((entry: Any) => [entry.key, entry.value.stringValue])
			: Object.entries(span.attributes ?? {});
		const named = attributes
			.filter(([key]) => /span\.kind$|operation\.name$|operationId$/.test(key))
			.map(([, value]) => value);
		if ([span.span_kind, ...named].some((kind) => kinds.test(kind ?? "") && !/embed/.test(kind))) {
			traces.add(span.traceId ?? span.context?.trace_id ?? span.spanContext?.traceId);
		}
	}
	return traces.size === 0 ? null : { rollouts: traces.size + helpers, rewards: [] };
};

/** One event of an OpenHands conversation. */
export const EVENT_FILE = /[\\/]events[\\/](?:event-)?\d+[^\\/]*\.json$/;

/** The file under which the product lists what stands in `path`: a companion counts for the log that it belongs to. */
export function leadOf(path: string): string {
	const folder = dirname(path);
	const session = `${dirname(folder)}.jsonl`;
	if (basename(folder) === "subagents" && existsSync(session)) return session;
	const continued = /^(.*)\.cont-\d+\.json$/.exec(path)?.[1];
	if (continued !== undefined && existsSync(`${continued}.json`)) return `${continued}.json`;
	return EVENT_FILE.test(path) ? join(folder, "*") : path;
}
