// The film-strip of a rollout: one frame a step, each on the picture that the agent saw when it acted.
import type { ImageReference, Rollout, Step } from "../model/trajectory.ts";
import { type Gesture, gesturesOf } from "./gesture.ts";

export interface ScreenFrame {
	step: Step;
	image: ImageReference;
	/** What was done on the picture. */
	gestures: Gesture[];
}

/** Steps that show a picture or act on one. A picture that the next step acts on is shown there only. */
export function screenFrames(rollout: Rollout): ScreenFrame[] {
	const frames: ScreenFrame[] = [];
	let seen: ImageReference | undefined;
	for (const step of rollout.steps) {
		const [own] = step.images;
		// what a tool answers is the screen after the action
		const [after] = step.observations.flatMap(({ images }) => images);
		const gestures = gesturesOf(step);
		const image = gestures.length > 0 ? (own ?? seen ?? after) : (own ?? after);
		if (image !== undefined) frames.push({ step, image, gestures });
		seen = after ?? own ?? seen;
	}
	return frames.filter((frame, position) => {
		const next = frames[position + 1];
		return frame.gestures.length > 0 || next === undefined || next.image !== frame.image;
	});
}
