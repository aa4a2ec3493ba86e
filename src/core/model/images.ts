// The pictures of a step in one order that everything which numbers them shares.
import type { ImageReference, Step } from "./trajectory.ts";

/** First those of the message, then those of the observations. */
export function imagesOf(step: Step): ImageReference[] {
	return [...step.images, ...step.observations.flatMap((observation) => observation.images)];
}
