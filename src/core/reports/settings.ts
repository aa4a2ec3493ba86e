// Settings of reports, decoded: a person may have written anything there.
import { CLIP_RULES, type ClipRule, withBounds } from "../advantages/offPolicy.ts";

/** Rules with the bounds that the user set, as `{ "ppo": [0.8, 1.2] }`; others keep the published ones. */
export function rulesWith(setting: unknown): ClipRule[] {
	const bounds = isRecord(setting) ? setting : {};
	return CLIP_RULES.map((rule) => {
		const own = Object.hasOwn(bounds, rule.id) ? bounds[rule.id] : undefined;
		if (!Array.isArray(own)) return rule;
		const [low, high] = own as unknown[];
		return typeof low === "number" && typeof high === "number" && low <= high ? withBounds(rule, low, high) : rule;
	});
}

/** Parameters of metrics, whatever stands in the setting. */
export function numbersAndTexts(setting: unknown): Record<string, number | string> {
	if (!isRecord(setting)) return {};
	const usable = Object.entries(setting).filter(
		(entry): entry is [string, number | string] => typeof entry[1] === "number" || typeof entry[1] === "string",
	);
	return Object.fromEntries(usable);
}

export function texts(setting: unknown): string[] {
	return Array.isArray(setting) ? setting.filter((entry) => typeof entry === "string" && entry !== "") : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
