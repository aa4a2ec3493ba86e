// How deeply values are nested. What steps keep of a log must not be so deep that showing or writing it exhausts the stack.
import type { JsonValue } from "../model/json.ts";

/** What calls, states and uninterpreted members may be nested; JSON.stringify with a replacer manages several times as much. */
export const DEEPEST_KEPT = 500;

/** Whether a value is nested more deeply than `limit`, which bounds the depth of this walk too. */
export function isDeeperThan(value: JsonValue, limit: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	if (limit === 0) return true;
	if (Array.isArray(value)) return value.some((inner) => isDeeperThan(inner, limit - 1));
	for (const key of Object.keys(value)) if (isDeeperThan(value[key] as JsonValue, limit - 1)) return true;
	return false;
}
