// GUI agents: what they saw, where the pictures are, what they did.
import { describe, expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText, sliceOf } from "../../../support/records.ts";
import { story } from "../../../support/story.ts";

describe("a WebVoyager log", () => {
	const read = readText(fixture("webvoyager.json").text, "results/taskHours--3/interact_messages.json");
	const [rollout] = read.rollouts;

	test("tells thoughts and actions, and takes what the page showed next as their results", () => {
		expect(read.problems).toEqual([]);
		expect(story(rollout).slice(2)).toEqual([
			'agent (I search the page.) [Type {"element":"3","content":"opening hours"} -> Observation: [4]: "Hours";]',
			'agent (There they are.) [Click {"element":"4"} -> Observation: 9 to 5]',
			'agent (That is the answer.) [ANSWER {"content":"9 to 5"}]',
		]);
		expect(rollout).toMatchObject({
			id: "Hours--3",
			title: "Find the opening hours.",
			answer: "9 to 5",
			ending: "answered",
		});
	});

	test("pairs the k-th message of the user with screenshot k, messages without a picture counted", () => {
		const paths = rollout?.steps.map((step) =>
			[...step.images, ...step.observations.flatMap((seen) => seen.images)].map((image) => image.path).join(),
		);
		expect(paths).toEqual(["", "screenshot1.png", "screenshot2.png", "screenshot3.png", ""]);
	});

	test("that never answered was cut off", () => {
		const cut = JSON.parse(fixture("webvoyager.json").text).slice(0, -1);
		expect(readText(JSON.stringify(cut)).rollouts[0]).toMatchObject({ truncated: true, answer: null });
		expect(readText(JSON.stringify([...cut, 7])).problems).toEqual(["x.dat:1: message 6 is not an object"]);
	});
});

describe("episodes of phone agents", () => {
	test("as lists of steps: goal, actions, screenshots before each, success", () => {
		const read = readText(fixture("gui-episodes.jsonl").text);
		expect(read.rollouts.map(({ id, outcome }) => [id, outcome])).toEqual([
			["81", "success"],
			["82", "failure"],
		]);
		const [rollout] = read.rollouts;
		expect(story(rollout)).toEqual([
			"user Add the item to the cart",
			'agent click on add [click {"coordinate":[542,2226]}]',
			'agent wait [wait {"time":2}]',
		]);
		expect(rollout?.steps.map((step) => step.images[0]?.path)).toEqual([
			undefined,
			"/images/81_0.png",
			"/images/81_1.png",
		]);
		expect(rollout?.steps[1]?.extra).toHaveProperty("check_options");
		expect(JSON.parse(sliceOf(read, rollout!.steps[2]!.origin))).toMatchObject({ step_instruction: "wait" });
	});

	test("as parallel lists, with pictures embedded or as files", () => {
		const [rollout] = readText(fixture("gui-episodes.lists.jsonl").text).rollouts;
		expect(story(rollout)).toEqual([
			"user Open the mail",
			'agent open it [open_app {"app_name":"Mail"}]',
			'agent click the first [click {"x":5,"y":7}]',
		]);
		expect(rollout?.steps[1]?.images).toMatchObject([{ path: "a.png", pointer: null }]);
		expect(rollout?.steps[2]?.images).toMatchObject([{ path: null, pointer: "/screenshots/1" }]);
		const few = JSON.parse(fixture("gui-episodes.lists.jsonl").text);
		few.screenshots.length = 1;
		expect(readText(`${JSON.stringify(few)}\n`).problems).toEqual(["x.dat:1: 2 actions but 1 screenshots"]);
	});

	test("as one step a record, put together by episode and in order", () => {
		const { rollouts } = readText(fixture("gui-episodes.rows.jsonl").text);
		expect(rollouts.map(({ id, steps }) => [id, steps.length])).toEqual([
			["e-1", 3],
			["e-2", 2],
		]);
		expect(rollouts[0]?.steps.map((step) => step.origin.index)).toEqual([null, 0, 1]);
		expect(story(rollouts[0]).at(-1)).toBe(
			'agent (The icon is there.) click on weather [4 {"result_touch_yx":"[0.1, 0.2]"}]',
		);
	});
});

test("Mind2Web is the same rollout as one record a task and as one record an action", () => {
	const [whole] = readText(fixture("mind2web.json").text).rollouts;
	const [rows] = readText(fixture("mind2web.rows.jsonl").text).rollouts;
	const calls = (rollout: typeof whole) => rollout?.steps.map((step) => step.calls);
	expect(calls(rows)).toEqual(calls(whole));
	expect(story(whole)).toEqual([
		"user Renew loan 12",
		'agent [textbox] Loan -> TYPE: 12 [TYPE {"value":"12","element":{"tag":"input","backend_node_id":"9"}}]',
		'agent [button] Renew -> CLICK [CLICK {"element":{"tag":"input","backend_node_id":"9"}}]',
	]);
	expect(rows?.steps.map((step) => step.images[0]?.path)).toEqual([undefined, "t-1_0.jpg", "t-1_1.jpg"]);
	expect(whole?.extra).toEqual({ website: "library", domain: "Service" });
});

test("a GUI-Critic verdict is a label of the judged step, after the steps that went before", () => {
	const { rollouts, problems } = readText(fixture("gui-critic.jsonl").text);
	expect(problems).toEqual([]);
	expect(story(rollouts[1])).toEqual([
		"user Share the picture.",
		"agent Open the app.",
		"agent Draw a picture.",
		'agent [left_click {"coordinate":[4,3]}]',
	]);
	expect(
		rollouts.map(({ labels }) => [labels[0]?.step, labels[0]?.originalIndex, labels[0]?.rating, labels[0]?.text]),
	).toEqual([
		[3, 3, 1, "Click the share button."],
		[3, 3, -1, "Click on the picture first."],
	]);
	expect(rollouts[0]?.steps[3]?.images).toMatchObject([{ path: "shots/9.png" }]);
	const odd = fixture("gui-critic.jsonl").text.replace('"Incorrect ', '"Perhaps ');
	expect(readText(odd).problems).toEqual(["x.dat:2: the solution is no verdict"]);
});
