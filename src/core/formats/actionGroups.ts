// NeMo Gym's TALES lines: one state of a text game, the actions that were sampled there and the reward of each.
import type { JsonRecord } from "../json/record.ts";
import { locateElements } from "../json/record.ts";
import { blankRollout, call } from "../model/create.ts";
import { asArray, asId, asNumber, asObject, asString, type JsonObject, member, without } from "../model/json.ts";
import { outcomeOfReward } from "../model/outcome.ts";
import type { Rollout } from "../model/trajectory.ts";
import { promptTask, textPlaces, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { noParts } from "./parts.ts";
import { stepsOfTurns } from "./turns.ts";

const READ = new Set(["predicted_actions", "action_rewards", "current_obs_prompt", "correct_action"]);

export const actionGroups: RecordFormat = {
	id: "action-groups",
	title: "Action groups",
	reads: "the state's prompt, every sampled action as a rollout of one step, its reward, the correct action",
	leaves: "the share of correct actions is kept raw",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			return Array.isArray(member(record, "predicted_actions")) && typeof record.current_obs_prompt === "string"
				? 0.95
				: 0;
		}),
	framing: recordFraming,
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const actions = asArray(member(fields ?? undefined, "predicted_actions"));
	if (fields === null || actions === null) {
		context.problem(record.place, fields === null ? "not an object" : "no predicted_actions");
		return [];
	}
	const prompt = asString(member(fields, "current_obs_prompt")) ?? "";
	const asked = textPlaces(record, "/current_obs_prompt", context).at(0, prompt.length);
	const places = context.locate ? locateElements(record, "/predicted_actions") : [];
	const task = taskOf(fields, prompt);
	return actions.map((value, index) => {
		const action = asString(value) ?? JSON.stringify(value);
		const rollout = blankRollout(record.place, `${task}/${index}`, task);
		rollout.steps = stepsOfTurns(
			[
				{ role: "user", place: asked, index: null, parts: noParts({ text: prompt }) },
				{
					role: "agent",
					place: places[index] ?? record.place,
					index,
					parts: noParts({ calls: [call(action, null)] }),
				},
			],
			context,
		);
		rollout.reward = asNumber(member(member(fields, "action_rewards"), action));
		rollout.outcome = outcomeOfReward(rollout.reward);
		rollout.reference = asString(member(fields, "correct_action"));
		rollout.answer = action;
		rollout.title = titleOf(null, rollout.steps);
		rollout.extra = without(fields, READ);
		return rollout;
	});
}

/** A game's states are tasks of their own: each has its own group of actions. */
function taskOf(fields: JsonObject, prompt: string): string {
	const named = [asId(member(fields, "framework")), asId(member(fields, "task_no"))].filter((part) => part !== null);
	return [...named, promptTask(prompt)].join("/");
}
