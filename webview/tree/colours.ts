// From a number of each node to its colour: quantised, so that a picture of 200,000 nodes needs a few dozen fills.
import type { SeriesScale } from "../../src/core/tree/series.ts";
import { mix, type Palette } from "../theme.ts";

/** Number of the bucket for nodes that have no value. */
export const UNKNOWN = 32;
const LAST = UNKNOWN - 1;

export interface ColourScale {
	/** The domain's ends and what stands in the middle of it. */
	low: number;
	middle: number;
	high: number;
	/** [33] colour of each bucket. */
	colours: readonly string[];
	diverging: boolean;
}

/** The range of the values and, for diverging scales, what counts as neither good nor bad. */
export interface Domain {
	low: number;
	middle: number;
	high: number;
}

/** Around zero both sides get the same length, so that equal strength means equal distance from zero. */
export function domainOf(values: Float32Array, scale: SeriesScale, baseline: number): Domain {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	for (const value of values) {
		if (value < low) low = value;
		if (value > high) high = value;
	}
	if (scale === "probability") return { low: 0, middle: inside(baseline, 0, 1), high: 1 };
	if (low > high) return { low: 0, middle: 0, high: 1 };
	if (scale === "magnitude") return { low: Math.min(0, low), middle: (Math.min(0, low) + high) / 2, high };
	const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
	return { low: -reach, middle: 0, high: reach };
}

/** Between the lowest and the highest value around their mean, as for rewards of any scale. */
export function domainAround(values: Float32Array, middle: number): Domain {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	for (const value of values) {
		if (value < low) low = value;
		if (value > high) high = value;
	}
	if (low > high) return { low: 0, middle: 0.5, high: 1 };
	if (low === high) return { low: low - 0.5, middle: low, high: low + 0.5 };
	return { low, middle: inside(middle, low, high), high };
}

function inside(value: number, low: number, high: number): number {
	return value > low && value < high ? value : (low + high) / 2;
}

/** Blue above, orange below, grey in the middle; magnitudes go from faint to the text's own colour, without a hue. */
export function colourScale(domain: Domain, diverging: boolean, palette: Palette): ColourScale {
	const neutral = mix(palette.background, palette.foreground, palette.highContrast ? 0.45 : 0.36);
	const colours = Array.from({ length: UNKNOWN }, (_, bucket) => {
		const share = bucket / LAST;
		if (!diverging) return mix(mix(palette.background, palette.foreground, 0.16), palette.foreground, share);
		return share < 0.5
			? mix(neutral, palette.below, strength(1 - share * 2))
			: mix(neutral, palette.above, strength(share * 2 - 1));
	});
	return { ...domain, colours: [...colours, mix(palette.background, palette.foreground, 0.26)], diverging };
}

/** Small differences from the middle must already be seen, so strength rises fast at first. */
function strength(distance: number): number {
	return distance ** 0.7;
}

export function bucketOf(scale: Domain, value: number): number {
	if (Number.isNaN(value)) return UNKNOWN;
	const below = value <= scale.middle;
	const width = below ? scale.middle - scale.low : scale.high - scale.middle;
	const share = below ? 0.5 - (0.5 * (scale.middle - value)) / width : 0.5 + (0.5 * (value - scale.middle)) / width;
	return Math.max(0, Math.min(LAST, Math.round((Number.isNaN(share) ? 0.5 : share) * LAST)));
}

export function buckets(scale: Domain, values: Float32Array): Uint8Array<ArrayBuffer> {
	const made = new Uint8Array(values.length);
	for (let index = 0; index < values.length; index++) made[index] = bucketOf(scale, values[index] as number);
	return made;
}
