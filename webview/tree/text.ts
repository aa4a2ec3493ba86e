// Text that must fit a width.
import type { Surface, TextStyle } from "./surface.ts";

/** The longest beginning of `text` that fits, with an ellipsis where it was cut; "" where not even that fits. */
export function fitText(surface: Surface, text: string, room: number, style: TextStyle): string {
	if (room <= 0) return "";
	if (surface.measure(text, style) <= room) return text;
	let low = 0;
	let high = text.length;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (surface.measure(`${text.slice(0, middle)}…`, style) <= room) low = middle;
		else high = middle - 1;
	}
	return low === 0 ? "" : `${text.slice(0, low).trimEnd()}…`;
}
