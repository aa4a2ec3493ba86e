// What an independent reading of a log counts, to hold against the product's.

export interface Facts {
	rollouts: number;
	/** Rewards that the log states, in any order. */
	rewards: number[];
	/** Tool calls of all rollouts; undefined where the log does not list them plainly. */
	calls?: number | undefined;
	/** Results that answer calls. */
	results?: number | undefined;
	/** Verdicts on steps and rollouts. */
	labels?: number | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a second opinion should not lean on the product's types
export type Any = any;

/** Counts what is in one file; null where the file is not of the formats that the counter knows. */
export type Counter = (path: string, bytes: Buffer) => Facts | null;

/** The values of JSON Lines, those that are none left out; or the one value of a document. */
export function jsonValues(bytes: Buffer): Any[] {
	const text = bytes.toString("utf8");
	const whole = parsed(text);
	if (whole !== undefined) return [whole];
	return text.split("\n").flatMap((line) => {
		const value = parsed(line);
		return value === undefined ? [] : [value];
	});
}

export function parsed(text: string): Any {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Facts of several parts together. */
export function total(parts: Facts[]): Facts {
	const sum = (key: "calls" | "results" | "labels"): number | undefined =>
		parts.some((part) => part[key] === undefined) ? undefined : parts.reduce((all, part) => all + (part[key] ?? 0), 0);
	return {
		rollouts: parts.reduce((all, part) => all + part.rollouts, 0),
		rewards: parts.flatMap((part) => part.rewards),
		calls: sum("calls"),
		results: sum("results"),
		labels: sum("labels"),
	};
}
