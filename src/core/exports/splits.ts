// Splits of a data set by task: the same task is always in the same part, on every machine and after more logs are added.
import { hashText } from "../text/hash.ts";

export interface SplitPart {
	name: string;
	/** Share of the tasks, relative to the other parts'. */
	share: number;
}

/** `train=0.8,test=0.2` as parts; null where that is not what the text says. */
export function parseSplits(text: string): SplitPart[] | null {
	const parts = text.split(",").map((part) => /^\s*([A-Za-z][\w-]*)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part));
	const read = parts.flatMap((match) =>
		match === null ? [] : [{ name: match[1] as string, share: Number(match[2]) }],
	);
	const total = read.reduce((sum, { share }) => sum + share, 0);
	const names = new Set(read.map(({ name }) => name));
	return read.length === parts.length && total > 0 && names.size === read.length ? read : null;
}

/** The part that the task belongs to: by its hash with the seed, so that no other task has a say in it. */
export function splitOf(task: string, parts: readonly SplitPart[], seed: string): string {
	const total = parts.reduce((sum, { share }) => sum + share, 0);
	let point = (Number.parseInt(hashText(`${seed}\u0000${task}`), 16) / 2 ** 53) * total;
	for (const { name, share } of parts) {
		if (point < share) return name;
		point -= share;
	}
	return parts.at(-1)?.name ?? "";
}
