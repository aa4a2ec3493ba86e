// A final state against what was expected of it, member by member.
import { canonicalJson } from "../model/action.ts";
import { type JsonObject, type JsonValue, memberAt } from "../model/json.ts";

/** 1 for each JSON pointer under which the state holds what is expected, 0 for each other. */
export function compareState(state: JsonValue, expect: JsonObject): Record<string, number> {
	const entries = Object.entries(expect).map(([pointer, wanted]): [string, number] => {
		const path = pointer
			.split("/")
			.slice(1)
			.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
			.map((part) => (/^(?:0|[1-9]\d{0,8})$/.test(part) ? Number(part) : part));
		const found = memberAt(state, ...path);
		return [pointer, found !== undefined && canonicalJson(found) === canonicalJson(wanted) ? 1 : 0];
	});
	return Object.fromEntries(entries);
}
