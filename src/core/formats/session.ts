// One session, one rollout: what the readers of plain session logs have in common.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, coveringPlace } from "../model/create.ts";
import { asObject, asString, type JsonObject, member } from "../model/json.ts";
import type { Place, Rollout } from "../model/trajectory.ts";
import type { ReadContext } from "./format.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

/** A rollout of these turns, which stands where `places` (at least one) are; `finishRollout` is left to the caller. */
export function sessionRollout(id: string, places: readonly Place[], turns: Turn[], context: ReadContext): Rollout {
	const rollout = blankRollout(coveringPlace(places), id, "");
	rollout.steps = stepsOfTurns(turns, context);
	return rollout;
}

/** A line of a session log: an object, with its `type` where it states one. */
export interface Line {
	record: JsonRecord;
	place: Place;
	fields: JsonObject;
	type: string;
}

/** The lines that are objects; others are reported. `typed`: so are lines without a type. */
export function objectLines(records: readonly JsonRecord[], typed: boolean, context: ReadContext): Line[] {
	return records.flatMap((record) => {
		const fields = asObject(record.value);
		const type = asString(member(fields ?? undefined, "type"));
		if (fields !== null && (type !== null || !typed)) {
			return [{ record, place: record.place, fields, type: type ?? "" }];
		}
		context.problem(record.place, fields === null ? "not an object" : "a line without a type");
		return [];
	});
}
