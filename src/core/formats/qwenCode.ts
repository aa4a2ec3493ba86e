// Qwen Code sessions: JSON Lines linked by `parentUuid` like Claude Code's, whose messages are Gemini contents.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, coveringPlace } from "../model/create.ts";
import { asId, asString, isObject, type JsonValue, member, without } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { branchFrom, PrefixBudget } from "./branches.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { contentTurn, isContent } from "./geminiContent.ts";
import { lineRecords } from "./layout.ts";
import { type Line, objectLines } from "./session.ts";
import { type SessionLine, type SessionNode, sessionThreads, stepsOfNodes, type Thread } from "./sessionGraph.ts";
import { readTime } from "./time.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

export const qwenCode: FileFormat = {
	id: "qwen-code",
	title: "Qwen Code sessions",
	reads: "messages with thoughts, function calls and responses, model and tokens; branches by parentUuid",
	leaves: "system lines of the program; how results were displayed",
	unit: "file",
	sniff: (sample: Sample): number => (lineRecords(sample).some(isLine) ? 0.97 : 0),
	framing: () => ({ kind: "lines" }),
	readFile,
};

function isLine(value: JsonValue): boolean {
	return (
		isContent(member(value, "message")) &&
		asString(member(value, "sessionId")) !== null &&
		member(value, "uuid") !== undefined
	);
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const lines = objectLines(records, true, context).flatMap((line) => sessionLine(line, context) ?? []);
	const budget = new PrefixBudget();
	const made = new Map<Thread, { rollout: Rollout; stepOf: Map<SessionNode, number> }>();
	for (const thread of sessionThreads(lines, context).flat()) {
		const own = thread.nodes.flatMap((node) => node.lines);
		const first = own[0] as SessionLine;
		const session = asId(member(first.fields, "sessionId")) ?? "session";
		const id = thread.parent === null ? session : `${session}/${first.uuid.slice(0, 8)}`;
		const rollout = blankRollout(coveringPlace(own.map((line) => line.place)), id, "");
		const steps = stepsOfTurns(
			own.flatMap((line) => (line.kind === "silent" ? [] : [turnOf(line)])),
			context,
		);
		rollout.steps = steps;
		const parent = thread.parent === null ? undefined : made.get(thread.parent);
		const after = thread.after === null ? -1 : (parent?.stepOf.get(thread.after) ?? -1);
		if (parent !== undefined) branchFrom(rollout, parent.rollout, after === -1 ? null : after, steps, budget);
		rollout.agent = "Qwen Code";
		made.set(thread, { rollout, stepOf: stepsOfNodes(thread, steps, rollout.sharedSteps) });
	}
	return [...made.values()].map(({ rollout }) => finishRollout(rollout));
}

const KINDS: Record<string, SessionLine["kind"]> = { user: "user", assistant: "assistant", tool_result: "user" };

function sessionLine(line: Line, context: ReadContext): SessionLine | null {
	const { fields, place, type } = line;
	const message = member(fields, "message");
	const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
	if (kind !== undefined && !isContent(message)) {
		context.problem(place, "a line without a message");
		return null;
	}
	const { parts } = contentTurn(isObject(message) ? message : {}, place, null);
	return {
		place,
		fields,
		parts,
		kind: kind ?? "silent",
		uuid: asId(member(fields, "uuid")) ?? `line-${line.record.ordinal}`,
		parent: asId(member(fields, "parentUuid")),
		startsOver: member(fields, "parentUuid") === null,
		side: false,
		agent: null,
		startingCall: null,
		messageId: null,
		answersOnly: parts.observations.length > 0 && parts.text === "",
	};
}

function turnOf(line: SessionLine): Turn {
	return {
		role: line.kind === "assistant" ? "agent" : "user",
		place: line.place,
		index: line.uuid,
		parts: line.parts,
		fields: {
			time: readTime(member(line.fields, "timestamp")),
			model: asString(member(line.fields, "model")),
			tokens: readUsage(member(line.fields, "usageMetadata")),
			extra: without(line.fields, READ),
		},
	};
}

const READ = new Set([
	"uuid",
	"parentUuid",
	"sessionId",
	"type",
	"timestamp",
	"message",
	"model",
	"usageMetadata",
	"cwd",
	"version",
	"gitBranch",
]);
