// The one way to make a format of files that are known and are no trajectories.
import type { RecordFormat, Sample } from "./format.ts";

/** A format that only recognises: its files are listed as what they are and left alone. */
export function nothingToRead(id: string, title: string, sniff: (sample: Sample) => number): RecordFormat {
	return {
		id,
		title,
		reads: "nothing: recognised so that it is not mistaken for rollouts",
		leaves: "all of it",
		unit: "record",
		notTrajectory: true,
		sniff,
		framing: () => ({ kind: "text" }),
		readRecord: () => [],
	};
}
