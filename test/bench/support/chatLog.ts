// Makes large chat logs for measurements: the same bytes for the same numbers on every machine.
import { closeSync, openSync, writeSync } from "node:fs";

export interface ChatLogShape {
	rollouts: number;
	/** Rough size of the whole file in bytes. */
	bytes: number;
	/** `lines`: one rollout a line; `pretty`: one indented array. */
	layout: "lines" | "pretty";
}

/** About the shape of a training run's dump: 26,000 rollouts of about 34 messages, 1 GB. */
export const ONE_GIGABYTE: ChatLogShape = { rollouts: 26_000, bytes: 1_000_000_000, layout: "lines" };

const ROLLOUTS_PER_TASK = 8;
const MESSAGES = 34;

const SENTENCES = [
	"The order was placed in spring and has not arrived yet.",
	'The tool answered {"status": "pending", "items": [1, 2, 3]} and nothing else.',
	"I look at the customer's record before I change anything.",
	"def total(items):\n\treturn sum(item.price for item in items)\n",
	"La commande n’est pas arrivée — 注文はまだ届いていません。",
	'C:\\orders\\2026\\spring\\list.csv holds the "open" ones.',
	"No such file or directory: the path is relative to the working folder.",
	"Please confirm with yes or no, then I proceed with the return of both items.",
];

/** A small generator of numbers (mulberry32), so that files do not depend on the machine. */
export function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

function words(next: () => number, length: number): string {
	let text = "";
	while (text.length < length) text += `${SENTENCES[Math.floor(next() * SENTENCES.length)]} `;
	return text;
}

/** One rollout of about `size` bytes of JSON. */
export function chatRollout(index: number, size: number, next: () => number): object {
	const share = size / MESSAGES;
	const length = () => share * (0.1 + 1.4 * next());
	const messages: object[] = [
		{ role: "system", content: "You run the order desk. Read before you write." },
		{ role: "user", content: `Task ${Math.floor(index / ROLLOUTS_PER_TASK)}: ${words(next, length())}` },
	];
	while (messages.length < MESSAGES - 1) {
		const id = `call_${index}_${messages.length}`;
		const call = {
			name: "get_order",
			arguments: JSON.stringify({ order: `W-${index}`, note: words(next, share / 8) }),
		};
		messages.push({
			role: "assistant",
			content: words(next, length() / 2),
			tool_calls: [{ id, type: "function", function: call }],
		});
		messages.push({ role: "tool", tool_call_id: id, content: words(next, length() * 1.5) });
	}
	const reward = next() < 0.4 ? 1 : 0;
	return { task_id: Math.floor(index / ROLLOUTS_PER_TASK), trial: index % ROLLOUTS_PER_TASK, messages, reward };
}

/** Writes the file. Rollouts repeat the text of one of a few dozen patterns, so that writing is quick. */
export function writeChatLog(file: string, shape: ChatLogShape): void {
	const next = numbers(7);
	const size = shape.bytes / shape.rollouts;
	const indent = shape.layout === "pretty" ? 2 : undefined;
	const patterns = Array.from({ length: 64 }, () => {
		const rollout = { ...chatRollout(0, size, next), task_id: "TASK", trial: "TRIAL" };
		return JSON.stringify(rollout, null, indent).split(/"TASK"|"TRIAL"/);
	});
	const descriptor = openSync(file, "w");
	let pieces: string[] = [];
	let length = 0;
	const flush = () => {
		writeSync(descriptor, pieces.join(""));
		pieces = [];
		length = 0;
	};
	if (shape.layout === "pretty") pieces.push("[\n");
	for (let index = 0; index < shape.rollouts; index++) {
		const [a, b, c] = patterns[Math.floor(next() * patterns.length)] as string[];
		const task = Math.floor(index / ROLLOUTS_PER_TASK);
		const text = `${a}${task}${b}${index % ROLLOUTS_PER_TASK}${c}`;
		const separator = shape.layout === "pretty" ? (index + 1 < shape.rollouts ? ",\n" : "\n]\n") : "\n";
		pieces.push(text, separator);
		length += text.length;
		if (length > 8 * 1024 * 1024) flush();
	}
	flush();
	closeSync(descriptor);
}
