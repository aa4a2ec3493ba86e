// URL validity of an answer (advertising QA with GraphRAG and GRPO, arXiv 2602.22584): URLs must stand in the evidence, or
// under an approved prefix with a status that the log recorded. Nothing is ever fetched here.

import type { Parameter } from "../advantages/estimator.ts";
import { asNumber, type JsonObject, member } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { loggedObject } from "./logged.ts";
import { averaged, type Measured, type Metric, metricText } from "./metric.ts";

const PREFIXES: Parameter = { name: "approved", default: "", meaning: "approved URL prefixes, separated by spaces" };
const GOOD_STATUS = new Set([200, 301, 302]);
const URL_PATTERN = /https?:\/\/[^\s<>"'`)\]}]+/g;

export function urlsIn(text: string): Set<string> {
	return new Set([...text.matchAll(URL_PATTERN)].map(([url]) => url.replace(/[.,;:!?]+$/, "")));
}

export interface UrlVerdict {
	valid: string[];
	invalid: string[];
	/** valid / all - invalid / all; 0 without URLs. */
	reward: number;
}

/** @param statusOf HTTP status as recorded when the rollout ran; null where it was not */
export function judgeUrls(
	answer: ReadonlySet<string>,
	evidence: ReadonlySet<string>,
	approved: readonly string[],
	statusOf: (url: string) => number | null,
): UrlVerdict {
	const isValid = (url: string) =>
		evidence.has(url) ||
		(approved.some((prefix) => url.startsWith(prefix)) && GOOD_STATUS.has(statusOf(url) ?? Number.NaN));
	const valid = [...answer].filter(isValid);
	const invalid = [...answer].filter((url) => !isValid(url));
	return { valid, invalid, reward: answer.size === 0 ? 0 : (valid.length - invalid.length) / answer.size };
}

function verdictOf(rollout: Rollout, approved: readonly string[]): UrlVerdict {
	const last = rollout.steps.findLast((step) => step.role === "agent");
	const evidence = rollout.steps.flatMap((step) => step.observations.map((observation) => observation.text));
	const statuses: JsonObject = loggedObject(rollout, "url_status", "url_statuses") ?? {};
	const statusOf = (url: string) => asNumber(member(statuses, url));
	return judgeUrls(urlsIn(rollout.answer ?? last?.text ?? ""), urlsIn(evidence.join("\n")), approved, statusOf);
}

function measure(rollout: Rollout, approved: readonly string[], part: "reward" | "invalid"): Measured {
	const verdict = verdictOf(rollout, approved);
	const count = verdict.valid.length + verdict.invalid.length;
	if (part === "invalid" && count === 0) return { reason: "the answer holds no URL" };
	const value = part === "reward" ? verdict.reward : verdict.invalid.length / count;
	return { value, count, detail: verdict.invalid.map((url) => `not in the evidence: ${url}`) };
}

export const urlValidity: Metric = {
	id: "url-validity",
	title: "URL validity",
	formulas: [
		"valid = URLs of the answer that stand in the evidence, or under an approved prefix with a recorded status 200, 301 or 302",
		"reward = valid share \u2212 invalid share, 0 without URLs; invalid = invalid share",
	],
	source: {
		title: "Advertising QA with GraphRAG and GRPO",
		reference: "arXiv 2602.22584",
		where: "URL rule of the hallucination reward",
	},
	grade: "A",
	choice:
		"reward and penalty are shares (the paper leaves their form open); never fetched: the status must be in the log as url_status",
	needs: "an answer and observations",
	better: "higher",
	parameters: [PREFIXES],
	compute: (run, context) => {
		const approved = metricText("url-validity", PREFIXES, context)
			.split(/\s+/)
			.filter((prefix) => prefix !== "");
		return [
			...averaged(run, "reward", ({ rollout }) => measure(rollout, approved, "reward")),
			...averaged(run, "invalid", ({ rollout }) => measure(rollout, approved, "invalid")),
		];
	},
};
