// What an agent did on a screen, and how large a screenshot is.
import { expect, test } from "vitest";
import { screenFrames } from "../../../../src/core/gui/frames.ts";
import { gesturesOf } from "../../../../src/core/gui/gesture.ts";
import { imageSize } from "../../../../src/core/gui/imageSize.ts";
import { call } from "../../../../src/core/model/create.ts";
import type { JsonValue } from "../../../../src/core/model/json.ts";
import type { ImageReference } from "../../../../src/core/model/trajectory.ts";
import { draw } from "../../../support/rollouts.ts";

function gesture(name: string, args: JsonValue) {
	const step = draw("t/0", "agent: x").steps[0]!;
	return gesturesOf({ ...step, calls: [call(name, args)] })[0];
}

test("taps, swipes and typed text are read in every usual notation", () => {
	expect(gesture("click", { coordinate: [542, 2226] })).toMatchObject({
		at: { x: 542, y: 2226 },
		to: null,
		relative: false,
	});
	expect(gesture("swipe", { coordinate: [10, 20], coordinate2: [10, 90] })).toMatchObject({
		at: { x: 10, y: 20 },
		to: { x: 10, y: 90 },
	});
	expect(gesture("tap", { x: 3, y: 4 })).toMatchObject({ at: { x: 3, y: 4 } });
	expect(gesture("click", { start_box: "(100, 200, 300, 400)" })).toMatchObject({ at: { x: 200, y: 300 } });
	expect(gesture("dual_point", { touch_point: [0.5, 0.25], lift_point: [0.5, 0.75] })).toMatchObject({
		relative: true,
	});
	expect(gesture("type", { text: "lamp" })).toMatchObject({ at: null, text: "lamp" });
	expect(gesture("computer", { action: "left_click", coordinate: [1, 2, 3] })).toMatchObject({
		name: "left_click",
		at: null,
	});
});

test("a film-strip has one frame a step, on the picture that the agent saw when it acted", () => {
	const rollout = draw("t/0", "user: go\ntap(here) = done\nuser: next\ntype(lamp)\nagent: finished");
	const picture = (path: string): ImageReference => ({ path, mediaType: "image/png", pointer: null, place: null });
	const [first, second, later] = [picture("1.png"), picture("2.png"), picture("3.png")];
	rollout.steps[0]!.images = [first];
	rollout.steps[1]!.observations[0]!.images = [second];
	rollout.steps[4]!.images = [later];
	expect(
		screenFrames(rollout).map(({ step, image, gestures }) => [step.step, image.path, gestures.map(({ name }) => name)]),
	).toEqual([
		[1, "1.png", ["tap"]],
		[3, "2.png", ["type"]],
		[4, "3.png", []],
	]);
});

test("the size of a picture is in its head, whatever its kind", () => {
	const png = new Uint8Array(24);
	png.set([0x89, 0x50, 0x4e, 0x47]);
	new DataView(png.buffer).setUint32(16, 640);
	new DataView(png.buffer).setUint32(20, 480);
	expect(imageSize(png)).toEqual({ width: 640, height: 480 });
	const jpeg = Uint8Array.from([
		0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 1, 0xe0, 2, 0x80, 3, 0, 0, 0,
	]);
	expect(imageSize(jpeg)).toEqual({ width: 640, height: 480 });
	expect(imageSize(new TextEncoder().encode("GIF89a\u0002\u0001\u0003\u0001    "))).toEqual({
		width: 258,
		height: 259,
	});
	expect(imageSize(png.subarray(0, 10))).toBeNull();
	expect(imageSize(new TextEncoder().encode("no picture at all"))).toBeNull();
});
