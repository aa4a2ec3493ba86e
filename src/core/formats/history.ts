// Histories of several agents (`[{content, name?, role}]`): every entry is a step of its own, so that indices stay theirs.
import { type JsonRecord, locateElements } from "../json/record.ts";
import { blankStep, numberSteps, observation } from "../model/create.ts";
import { asObject, asString, type JsonValue, member, without } from "../model/json.ts";
import type { Step, StepRole } from "../model/trajectory.ts";
import type { ReadContext } from "./format.ts";
import { readParts } from "./parts.ts";

const READ = new Set(["content", "name", "role"]);
/** Speakers that are no agents: a terminal that runs what agents wrote. */
const ENVIRONMENTS = /^(?:computer[_ ]?terminal|tool|environment)$/i;

/** The entries at `pointer` as steps; the index counts from 0. The speaker is `name`, or a free text in `role`. */
export function historySteps(record: JsonRecord, list: JsonValue[], pointer: string, context: ReadContext): Step[] {
	const places = context.locate ? locateElements(record, pointer) : [];
	const steps = list.map((value, index) => {
		const place = places[index] ?? { ...record.place, pointer: `${record.place.pointer}${pointer}/${index}` };
		const fields = asObject(value);
		if (fields === null) context.problem(place, `entry ${index} is not an object`);
		const name = asString(member(fields ?? undefined, "name"));
		const role = asString(member(fields ?? undefined, "role")) ?? "";
		const speaker = name ?? role;
		const step = blankStep({ ...place, index }, roleOfSpeaker(speaker, name === null));
		const content = readParts(member(fields ?? undefined, "content"), "/content", place);
		if (step.role === "environment") step.observations = [observation(content.text, { tool: speaker })];
		else step.text = content.text;
		step.images = content.images;
		step.agent = step.role === "agent" ? speaker || null : null;
		step.extra = fields === null ? {} : without(fields, READ);
		return step;
	});
	return numberSteps(steps);
}

function roleOfSpeaker(speaker: string, isRole: boolean): StepRole {
	if (ENVIRONMENTS.test(speaker)) return "environment";
	if (isRole && /^(?:human|user)$/i.test(speaker)) return "user";
	return isRole && speaker === "system" ? "system" : "agent";
}
