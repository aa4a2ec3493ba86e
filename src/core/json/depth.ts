// How deeply values are nested. What steps keep of a log must not be so deep that showing or writing it exhausts the stack.
import type { JsonValue } from "../model/json.ts";

/** What calls, states and uninterpreted members may be nested; JSON.stringify with a replacer manages twice as much. */
export const DEEPEST_KEPT = 500;

const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;

/** Whether these bytes have brackets enough to be nested that deeply. Most records do not, and finding out is cheap. */
export function mayBeDeep(bytes: Uint8Array): boolean {
	if (bytes.length < 2 * DEEPEST_KEPT) return false;
	let count = 0;
	for (const bracket of [OPEN_OBJECT, OPEN_ARRAY]) {
		for (let at = bytes.indexOf(bracket); at !== -1; at = bytes.indexOf(bracket, at + 1)) {
			if (++count > DEEPEST_KEPT) return true;
		}
	}
	return false;
}

/** Whether a value is nested more deeply than `limit`. */
export function isDeeperThan(value: JsonValue, limit: number): boolean {
	let level: JsonValue[] = [value];
	for (let depth = 0; level.length > 0; depth++) {
		if (depth > limit) return true;
		const next: JsonValue[] = [];
		for (const container of level) {
			if (typeof container !== "object" || container === null) continue;
			for (const inner of Array.isArray(container) ? container : Object.values(container)) {
				if (typeof inner === "object" && inner !== null) next.push(inner);
			}
		}
		level = next;
	}
	return false;
}
