// Aider chat histories: Markdown in which a heading begins each session, `####` lines are the user's, `>` lines the
// program's, and everything else is the model's.
import type { JsonRecord } from "../json/record.ts";
import { coveringPlace } from "../model/create.ts";
import type { Rollout, StepRole } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { noParts } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { type TextLine, textLines } from "./textTranscript.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

const SESSION = /^# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$/;

export const aider: FileFormat = {
	id: "aider",
	title: "Aider chat history",
	reads: "one rollout a session: what the user asked, what the model answered, what the program said",
	leaves: "edits are told in the program's words only; a heading of four # in an answer cannot be told from a question",
	unit: "file",
	sniff: (sample: Sample): number =>
		sample.layout === "text" && /^# aider chat started at \d{4}-/m.test(sample.text.slice(0, 4096)) ? 0.95 : 0,
	framing: () => ({ kind: "text" }),
	readFile,
};

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const sessions: { started: string; lines: TextLine[] }[] = [];
	for (const line of records.flatMap(textLines)) {
		const started = SESSION.exec(line.text)?.[1];
		if (started !== undefined) sessions.push({ started, lines: [line] });
		else sessions.at(-1)?.lines.push(line);
	}
	return sessions.map(({ started, lines }) => {
		const rollout = sessionRollout(
			started,
			lines.map((line) => line.place),
			turnsOf(lines.slice(1)),
			context,
		);
		rollout.time = readTime(started);
		rollout.agent = "aider";
		return finishRollout(rollout);
	});
}

function roleOf(text: string): StepRole {
	if (text.startsWith("#### ")) return "user";
	return text.startsWith("> ") ? "environment" : "agent";
}

/** Lines of the same speaker in a row are one turn; blank lines belong to whom they follow. */
function turnsOf(lines: TextLine[]): Turn[] {
	const turns: { role: StepRole; lines: TextLine[] }[] = [];
	for (const line of lines) {
		const last = turns.at(-1);
		const role = line.text.trim() === "" ? last?.role : roleOf(line.text);
		if (role === undefined) continue;
		if (last?.role === role) last.lines.push(line);
		else turns.push({ role, lines: [line] });
	}
	return turns.map(({ role, lines: said }) => turnOf(role, said));
}

function turnOf(role: StepRole, lines: TextLine[]): Turn {
	const text = lines
		.map((line) => (role === "agent" ? line.text : line.text.replace(/^(#### |> )/, "")))
		.join("\n")
		.trim();
	const spoken = lines.filter((line) => line.text.trim() !== "");
	// the program reports what it did with the answer: that is what came of the agent's step
	const parts =
		role === "environment"
			? noParts({ observations: [{ callId: null, tool: null, text, isError: false, images: [] }] })
			: noParts({ text });
	return { role, place: coveringPlace(spoken.map((line) => line.place)), index: lines[0]?.place.line ?? null, parts };
}
