// Criteria by which people score steps and rollouts, as a setting lists them.
import { asArray, asNumber, asString, type JsonValue, member } from "../model/json.ts";

export interface RubricCriterion {
	id: string;
	title: string;
	/** The best score; the worst is 0. */
	maximum: number;
	meaning: string;
}

const USUAL_MAXIMUM = 5;

/** Entries without an id, or with a maximum that is not positive, are left out. */
export function decodeRubrics(setting: JsonValue): RubricCriterion[] {
	return (asArray(setting) ?? []).flatMap((entry) => {
		const id = asString(member(entry, "id"));
		const maximum = asNumber(member(entry, "maximum")) ?? USUAL_MAXIMUM;
		if (id === null || maximum <= 0) return [];
		const title = asString(member(entry, "title")) ?? id;
		return [{ id, title, maximum, meaning: asString(member(entry, "meaning")) ?? "" }];
	});
}
