// Decoded text of a rollout (a prompt and a response with a chat template's markers and inline tags) to steps.
import { call, observation } from "../model/create.ts";
import { asString, type JsonValue, member } from "../model/json.ts";
import type { Place, Step, ToolCall } from "../model/trajectory.ts";
import { type ChatTemplate, splitTurns, type TemplateTurn, templateOf } from "../text/chatTemplate.ts";
import { hasActionTags, readTags, type Segment } from "../text/tags.ts";
import { roleNamed } from "./chatMessages.ts";
import type { ReadContext } from "./format.ts";
import { noParts, type ReadParts, readArguments } from "./parts.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

/** One text of a rollout and how to find its parts in the file. */
export interface PlacedText {
	text: string;
	places: { at(from: number, to: number): Place };
}

export interface TemplateSteps {
	steps: Step[];
	/** What the last `answer` tag says; null where there is none. */
	answer: string | null;
}

/**
 * Steps of a prompt and what the model answered to it. A prompt without markers is one user step.
 * @param prompt null where the log has only the response
 */
export function readTemplate(
	prompt: PlacedText | null,
	response: PlacedText | null,
	context: Pick<ReadContext, "problem">,
): TemplateSteps {
	const template = prompt === null ? null : templateOf(prompt.text);
	const turns = prompt === null ? [] : templateTurns(prompt, template, "user");
	if (response !== null) turns.push(...templateTurns(response, template ?? templateOf(response.text), "assistant"));
	const answers = response === null ? [] : readTags(response.text).filter((segment) => segment.kind === "answer");
	return { steps: stepsOfTurns(turns, context), answer: answers.at(-1)?.text ?? null };
}

/** The turns of one text; agent text is cut further where a tag begins a new decision. */
export function templateTurns(source: PlacedText, template: ChatTemplate | null, first: string): Turn[] {
	const turns = splitTurns(source.text, template, first);
	return joinHarmony(turns).flatMap((turn) => turnsOf(turn, source));
}

/** Harmony writes reasoning as a turn of its own: it belongs to the turn of the same role that follows. */
function joinHarmony(turns: TemplateTurn[]): (TemplateTurn & { analysis: TemplateTurn | null })[] {
	const joined: (TemplateTurn & { analysis: TemplateTurn | null })[] = [];
	let analysis: TemplateTurn | null = null;
	for (const turn of turns) {
		if (turn.channel === "analysis" && turn.recipient === null) {
			if (analysis !== null) joined.push({ ...analysis, analysis });
			analysis = turn;
			continue;
		}
		if (analysis !== null && turn.role !== analysis.role) {
			joined.push({ ...analysis, analysis });
			analysis = null;
		}
		joined.push({ ...turn, analysis });
		analysis = null;
	}
	if (analysis !== null) joined.push({ ...analysis, analysis });
	return joined;
}

function turnsOf(turn: TemplateTurn & { analysis: TemplateTurn | null }, source: PlacedText): Turn[] {
	const text = source.text.slice(turn.start, turn.end);
	const place = (from: number, to: number): Place => source.places.at(turn.start + from, turn.start + to);
	if (turn.channel !== null || turn.recipient !== null) return [harmonyTurn(turn, text, source)];
	const role = roleNamed(turn.role) ?? "user";
	if (role === "agent") return agentTurns(text, place);
	const results = role === "system" ? null : onlyResults(text, role === "environment");
	if (results !== null)
		return [
			{ role: "environment", place: place(0, text.length), index: null, parts: noParts({ observations: results }) },
		];
	return [{ role, place: place(0, text.length), index: null, parts: noParts({ text }) }];
}

function harmonyTurn(turn: TemplateTurn & { analysis: TemplateTurn | null }, text: string, source: PlacedText): Turn {
	const start = turn.analysis?.start ?? turn.start;
	const place = source.places.at(start, turn.end);
	if (turn.role.startsWith("functions.") || turn.role === "tool") {
		const tool = turn.role.replace(/^functions\./, "");
		return { role: "environment", place, index: null, parts: noParts({ observations: [observation(text, { tool })] }) };
	}
	const reasoning = turn.analysis === null ? "" : source.text.slice(turn.analysis.start, turn.analysis.end);
	if (turn.analysis?.start === turn.start) return { role: "agent", place, index: null, parts: noParts({ reasoning }) };
	const parts =
		turn.recipient === null
			? noParts({ text, reasoning })
			: noParts({ reasoning, calls: [call(turn.recipient.replace(/^functions\./, ""), readArguments(text))] });
	return { role: "agent", place, index: null, parts };
}

/** Results, where the text holds nothing else; for a tool's turn without tags the text itself. */
function onlyResults(text: string, isTool: boolean): ReadParts["observations"] | null {
	const segments = readTags(text);
	if (segments.length > 0 && segments.every((segment) => segment.kind === "observation"))
		return segments.map((segment) => observation(segment.text));
	return isTool ? [observation(text)] : null;
}

/** Agent text as decisions: reasoning, text and calls up to a result, which the environment gave. */
function agentTurns(text: string, place: (from: number, to: number) => Place): Turn[] {
	const segments = readTags(text);
	const turns: Turn[] = [];
	if (!hasActionTags(segments)) return [agentTurn(segments, place(0, text.length))];
	let own: Segment[] = [];
	const flush = (): void => {
		const first = own[0];
		const last = own.at(-1);
		if (first !== undefined && last !== undefined) turns.push(agentTurn(own, place(first.start, last.end)));
		own = [];
	};
	for (const segment of segments) {
		if (segment.kind === "observation") {
			flush();
			turns.push({
				role: "environment",
				place: place(segment.start, segment.end),
				index: null,
				parts: noParts({ observations: [observation(segment.text)] }),
			});
			continue;
		}
		const decided = own.some((earlier) => earlier.kind === "call" || earlier.kind === "answer");
		if (decided && segment.kind !== "call") flush();
		own.push(segment);
	}
	flush();
	return turns;
}

function agentTurn(segments: Segment[], place: Place): Turn {
	const said = (kinds: string[]): string =>
		segments.flatMap((segment) => (kinds.includes(segment.kind) ? [segment.text] : [])).join("\n");
	const parts = noParts({
		text: said(["text", "answer"]),
		reasoning: said(["reasoning"]),
		calls: segments.flatMap((segment) => (segment.kind === "call" ? [callOf(segment)] : [])),
	});
	return { role: "agent", place, index: null, parts };
}

/** `<tool_call>{"name": ..., "arguments": ...}</tool_call>`, or a tag that names the tool and holds its one argument. */
function callOf(segment: Segment): ToolCall {
	if (segment.name !== "tool_call" && segment.name !== "function_call")
		return call(segment.name, { [segment.name === "search" ? "query" : "input"]: segment.text });
	const made: JsonValue = readArguments(segment.text);
	const name = asString(member(made, "name"));
	if (name === null) return call(segment.name, { input: segment.text });
	return call(name, readArguments(member(made, "arguments") ?? member(made, "parameters") ?? {}));
}
