// Cursor's agent transcripts in plain text: `user:` and `assistant:` on lines of their own, and marks for thinking, tool
// calls and results whose content is indented.
import type { JsonRecord } from "../json/record.ts";
import { coveringPlace } from "../model/create.ts";
import type { JsonValue } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { noParts, readArguments } from "./parts.ts";
import { baseName } from "./sample.ts";
import { sessionRollout } from "./session.ts";
import { type TextLine, textLines } from "./textTranscript.ts";
import type { Turn } from "./turns.ts";

const SPEAKER = /^(user|assistant):\s*$/;
const MARK = /^\[(Thinking|Tool call|Tool result)\] ?(.*)$/;

export const cursorTranscript: FileFormat = {
	id: "cursor-transcript",
	title: "Cursor agent transcripts (text)",
	reads: "queries, answers, thinking, tool calls with their arguments, tool results",
	leaves: "files that were attached to a query are kept in its text; the log has no times and no call ids",
	unit: "file",
	sniff: (sample: Sample): number => {
		if (sample.layout !== "text" || !/^\s*(user|assistant):\s*$/m.test(sample.text.slice(0, 200))) return 0;
		return /^user:\s*$/m.test(sample.text) && /^assistant:\s*$/m.test(sample.text) ? 0.8 : 0;
	},
	framing: () => ({ kind: "text" }),
	readFile,
};

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const [first] = records;
	if (first === undefined) return [];
	const turns = blocks(records.flatMap(textLines)).flatMap(turnsOf);
	const rollout = sessionRollout(baseName(context.file).replace(/\.[^.]*$/, ""), [first.place], turns, context);
	rollout.agent = "Cursor";
	return [finishRollout(rollout)];
}

interface Block {
	speaker: "user" | "assistant";
	lines: TextLine[];
}

function blocks(lines: TextLine[]): Block[] {
	const found: Block[] = [];
	for (const line of lines) {
		const speaker = SPEAKER.exec(line.text)?.[1];
		if (speaker === "user" || speaker === "assistant") found.push({ speaker, lines: [line] });
		else found.at(-1)?.lines.push(line);
	}
	return found;
}

function turnsOf(block: Block): Turn[] {
	const [heading, ...lines] = block.lines as [TextLine, ...TextLine[]];
	return block.speaker === "user" ? [userTurn(heading, lines)] : joined(sections(lines).map(sectionTurn));
}

/** A mark begins a section; what a mark began ends with text at the margin. */
function sections(lines: TextLine[]): TextLine[][] {
	const found: TextLine[][] = [];
	for (const line of lines) {
		const last = found.at(-1);
		const isMarked = MARK.test(last?.[0]?.text ?? "");
		if (last === undefined || MARK.test(line.text) || (isMarked && /^\S/.test(line.text))) found.push([line]);
		else last.push(line);
	}
	return found.filter((section) => section.some((line) => line.text.trim() !== ""));
}

function userTurn(heading: TextLine, lines: TextLine[]): Turn {
	const text = lines.map((line) => line.text).join("\n");
	const start = text.indexOf("<user_query>");
	const end = text.indexOf("</user_query>");
	const query = start === -1 || end < start ? text : text.slice(start + "<user_query>".length, end);
	return {
		role: "user",
		place: coveringPlace([heading, ...lines].map((line) => line.place)),
		index: heading.place.line,
		parts: noParts({ text: query.trim() }),
	};
}

/** One section of an answer: plain text, or what follows a mark. */
function sectionTurn(lines: TextLine[]): Turn {
	const first = lines[0] as TextLine;
	const place = coveringPlace(lines.map((line) => line.place));
	const [, mark, rest = ""] = MARK.exec(first.text) ?? [];
	const content = lines
		.slice(mark === undefined ? 0 : 1)
		.map((line) => line.text)
		.join("\n");
	const turn = { role: "agent" as const, place, index: first.place.line };
	if (mark === "Thinking") return { ...turn, parts: noParts({ reasoning: [rest, content].join("\n").trim() }) };
	if (mark === "Tool call")
		return {
			...turn,
			parts: noParts({ calls: [{ id: null, name: rest.trim(), arguments: argumentsOf(content), requestor: null }] }),
		};
	if (mark !== "Tool result") return { ...turn, parts: noParts({ text: content.trim() }) };
	const result = { callId: null, tool: rest.trim() || null, text: content.trim(), isError: false, images: [] };
	return { ...turn, role: "environment", parts: noParts({ observations: [result] }) };
}

/** Arguments are JSON, or lines of `name: value` or `name=value`; anything else stays text. */
function argumentsOf(content: string): JsonValue {
	const text = content.trim();
	if (/^[[{]/.test(text)) return readArguments(text);
	const members = text.split("\n").map((line) => /^\s*([\w.-]+)\s*[:=]\s*(.*)$/.exec(line));
	if (text === "" || members.some((member) => member === null)) return text === "" ? {} : text;
	return Object.fromEntries(members.map((member) => [member?.[1] ?? "", member?.[2] ?? ""]));
}

/** Thinking and text before a call are one decision with it. */
function joined(turns: Turn[]): Turn[] {
	const made: Turn[] = [];
	for (const turn of turns) {
		const last = made.at(-1);
		if (
			last?.role !== "agent" ||
			turn.role !== "agent" ||
			(last.parts.calls.length > 0 && turn.parts.calls.length === 0)
		) {
			made.push(turn);
			continue;
		}
		last.place = coveringPlace([last.place, turn.place]);
		last.parts = noParts({
			text: [last.parts.text, turn.parts.text].filter((text) => text !== "").join("\n"),
			reasoning: [last.parts.reasoning, turn.parts.reasoning].filter((text) => text !== "").join("\n"),
			calls: [...last.parts.calls, ...turn.parts.calls],
		});
	}
	return made;
}
