// Reads a file through a guessed mapping, and says with it what was guessed.
import type { JsonRecord } from "../json/record.ts";
import type { Rollout } from "../model/trajectory.ts";
import { customFormat } from "./customFormat.ts";
import type { FileFormat, Format, ReadContext, Sample } from "./format.ts";
import { type Guess, guessMapping } from "./guessMapping.ts";
import { readRollouts } from "./read.ts";

/** The format that a sample seems to be in; null where nothing in it looks like steps. */
export function guessedFormat(sample: Sample): Format | null {
	if (sample.layout === "text" || sample.layout === "entries") return null;
	const guess = guessMapping(sample);
	if (guess === null) return null;
	const mapped = customFormat({ ...guess.mapping, title: "Unknown format, guessed" });
	const format: FileFormat = {
		id: mapped.id,
		title: mapped.title,
		reads: mapped.reads,
		leaves: mapped.leaves,
		sniff: () => 0,
		framing: mapped.framing,
		unit: "file",
		readFile: (records, context) => readGuessed(mapped, guess, records, context),
	};
	return format;
}

function readGuessed(mapped: Format, guess: Guess, records: JsonRecord[], context: ReadContext): Rollout[] {
	const place = records[0]?.place;
	if (place !== undefined) {
		context.notice?.(place, `no format knows this file; guessed: ${guess.notes.join("; ")}`);
		context.notice?.(
			place,
			`to change it, put this into trajectory.formats.custom: {"my-logs": ${JSON.stringify(guess.setting)}}`,
		);
	}
	return readRollouts(mapped, records, context);
}
