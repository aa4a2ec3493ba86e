// Splits text that a chat template made back into turns. Trainers that log decoded tokens keep nothing else of them.
// Templates known: ChatML, Llama 3, Gemma, Harmony, DeepSeek, GLM/Phi/Zephyr, Llama 2/Mistral, and role names on lines
// of their own, which is what ChatML and Llama 3 leave when special tokens are skipped on decoding.

export interface TemplateTurn {
	/** As the template names it: user, assistant, tool, ipython ... */
	role: string;
	/** Harmony's channel ("analysis", "commentary", "final"); null elsewhere. */
	channel: string | null;
	/** Harmony's recipient of a call ("functions.search"); null elsewhere. */
	recipient: string | null;
	/** Content without markers and surrounding white space, in UTF-16 units of the text. */
	start: number;
	end: number;
}

export interface ChatTemplate {
	id: string;
	/** Finds the next marker; group `role` (or a group named after a role) opens a turn, no group closes one. */
	marker: RegExp;
	/** Whether `text`, the beginning of a prompt, was made by this template. */
	matches(text: string): boolean;
}

const OPENING = 4096;

function hasMarker(...markers: string[]): (text: string) => boolean {
	return (text) => markers.some((marker) => text.includes(marker));
}

/** Special before general: Phi's and GLM's markers are a prefix of nothing, role lines would match anything. */
const TEMPLATES: readonly ChatTemplate[] = [
	{
		id: "chatml",
		marker: /<\|im_start\|>(?<role>[^\n<]{1,60})\n?|<\|im_end\|>|<\|endoftext\|>/g,
		matches: hasMarker("<|im_start|>"),
	},
	{
		id: "llama-3",
		marker:
			/<\|start_header_id\|>(?<role>[^<]{1,60})<\|end_header_id\|>|<\|(?:eot_id|eom_id|begin_of_text|end_of_text)\|>/g,
		matches: hasMarker("<|start_header_id|>"),
	},
	{
		id: "gemma",
		marker: /<start_of_turn>(?<role>\w{1,60})\n?|<end_of_turn>|<bos>|<eos>/g,
		matches: hasMarker("<start_of_turn>"),
	},
	{
		id: "harmony",
		marker:
			/(?:<\|start\|>(?<role>[^<]{1,120}))?(?:<\|channel\|>(?<channel>[^<]{1,120}))?(?:<\|constrain\|>[^<]{1,60})?<\|message\|>|<\|start\|>(?<cut>[^<]{1,60})$|<\|(?:end|return|call)\|>/g,
		matches: hasMarker("<|message|>", "<|start|>system", "<|start|>user"),
	},
	{
		id: "deepseek",
		marker: /<｜(?<role>User|Assistant)｜>|<｜(?:begin|end)▁of▁sentence｜>/g,
		matches: hasMarker("<｜User｜>", "<｜Assistant｜>"),
	},
	{
		id: "role-tokens",
		marker: /<\|(?<role>system|user|assistant|observation|tool)\|>\n?|<\|(?:end|endoftext)\|>|<\/s>|\[gMASK\]<sop>/g,
		matches: (text) => /<\|(?:user|assistant)\|>/.test(text),
	},
	{
		id: "llama-2",
		marker: /(?<user>\[INST\])|(?<assistant>\[\/INST\])|(?<system><<SYS>>)|(?<user2><<\/SYS>>)|<\/?s>/g,
		matches: hasMarker("[INST]"),
	},
	{
		id: "role-lines",
		marker: /(?:^|\n)(?<role>system|user|assistant|tool)(?=\n|$)/g,
		matches: (text) => /^\s*(?:system|user)\n/.test(text) && /\n(?:assistant)\s*$|\nassistant\n/.test(text),
	},
	{
		// Llama 3 without its tokens: a role name and an empty line, right behind the text before it
		id: "llama-3-plain",
		marker: /(?<role>system|user|assistant|ipython)\n\n/g,
		matches: (text) => /^(?:system|user)\n\n/.test(text) && /assistant\n\n$/.test(text),
	},
];

/** The template that made `text`; null where none is recognised. */
export function templateOf(text: string): ChatTemplate | null {
	const probe = text.length <= 2 * OPENING ? text : text.slice(0, OPENING) + text.slice(-OPENING);
	return TEMPLATES.find((template) => template.matches(probe)) ?? null;
}

/**
 * The turns of `text` in order; empty turns are left out.
 * @param template as `templateOf` answered for the prompt; null takes the text as one turn
 * @param first role of the text before the first marker: "assistant" for a response whose prompt opened the turn
 */
export function splitTurns(text: string, template: ChatTemplate | null, first: string): TemplateTurn[] {
	const turns: TemplateTurn[] = [];
	let open: Omit<TemplateTurn, "start" | "end"> = { role: first, channel: null, recipient: null };
	let from = 0;
	const close = (to: number): void => {
		const turn = trimmed(text, from, to);
		if (turn !== null) turns.push({ ...open, ...turn });
	};
	for (const match of template === null ? [] : text.matchAll(template.marker)) {
		close(match.index);
		from = match.index + match[0].length;
		const opened = openedBy(match.groups ?? {});
		if (opened !== null) open = { ...opened, role: opened.role === "" ? open.role : opened.role };
	}
	close(text.length);
	return turns;
}

/** What a marker opens; null for a marker that only closes. A role of "" goes on with the role before. */
function openedBy(groups: Record<string, string | undefined>): Omit<TemplateTurn, "start" | "end"> | null {
	const header = groups.role ?? groups.cut;
	if (header === undefined && groups.channel === undefined) {
		const named = Object.keys(groups).find((name) => groups[name] !== undefined);
		return named === undefined ? null : { role: named.replace(/\d/g, ""), channel: null, recipient: null };
	}
	const channel = groups.channel?.trim().split(/\s/)[0] ?? null;
	const recipient = /to=(\S+)/.exec(`${header ?? ""} ${groups.channel ?? ""}`)?.[1] ?? null;
	return { role: header === undefined ? "" : (header.trim().split(/\s/)[0] ?? "").toLowerCase(), channel, recipient };
}

function trimmed(text: string, from: number, to: number): { start: number; end: number } | null {
	let start = from;
	let end = to;
	while (start < end && isSpace(text, start)) start++;
	while (end > start && isSpace(text, end - 1)) end--;
	return start === end ? null : { start, end };
}

function isSpace(text: string, at: number): boolean {
	return text.charCodeAt(at) <= 0x20;
}
