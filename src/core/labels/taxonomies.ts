// Kinds of errors to choose from: the published lists by their names, said in our words. Settings can add own lists.
import { asArray, asString, type JsonValue, member } from "../model/json.ts";

export interface ErrorCategory {
	id: string;
	title: string;
	/** When to choose it. */
	meaning: string;
}

export interface Taxonomy {
	id: string;
	title: string;
	/** Where the names come from. */
	source: string;
	categories: readonly ErrorCategory[];
}

function categories(...rows: readonly (readonly [string, string, string])[]): ErrorCategory[] {
	return rows.map(([id, title, meaning]) => ({ id, title, meaning }));
}

const MAST: Taxonomy = {
	id: "mast",
	title: "MAST",
	source: "arXiv 2503.13657",
	categories: categories(
		["1.1", "Disobey task specification", "what the task demands or forbids was not kept to"],
		["1.2", "Disobey role specification", "an agent did what is another one's part"],
		["1.3", "Step repetition", "something finished was done again for no reason"],
		["1.4", "Loss of conversation history", "what was known earlier had been forgotten"],
		["1.5", "Unaware of termination conditions", "went on although the end had been reached"],
		["2.1", "Conversation reset", "started over without being asked to"],
		["2.2", "Fail to ask for clarification", "acted on unclear or missing information instead of asking"],
		["2.3", "Task derailment", "drifted to something other than the task"],
		["2.4", "Information withholding", "kept back what another agent needed"],
		["2.5", "Ignored other agent's input", "passed over what another agent had said"],
		["2.6", "Reasoning-action mismatch", "did something other than what it had concluded"],
		["3.1", "Premature termination", "ended before the task was done"],
		["3.2", "No or incomplete verification", "did not check the result, or not all of it"],
		["3.3", "Incorrect verification", "checked, and came to the wrong verdict"],
	),
};

const TRAIL: Taxonomy = {
	id: "trail",
	title: "TRAIL",
	source: "arXiv 2505.08638",
	categories: categories(
		["Language-only", "Hallucination, language only", "stated something that nothing supports"],
		["Tool-related", "Hallucination about tools", "made up a tool's result or ability"],
		["Poor Information Retrieval", "Poor information retrieval", "looked for the wrong thing or in the wrong place"],
		["Tool Output Misinterpretation", "Tool output misread", "took a result to say what it does not say"],
		["Incorrect Problem Identification", "Problem misunderstood", "worked on another problem than the one given"],
		["Tool Selection Errors", "Wrong tool chosen", "another tool was the right one"],
		["Formatting Errors", "Format broken", "the output does not have the form that is needed"],
		["Instruction Non-compliance", "Instruction not followed", "an explicit instruction was not kept to"],
		["Tool Definition Issues", "Tool ill defined", "the tool's description is wrong or missing"],
		["Environment Setup Errors", "Environment badly set up", "rights, keys or packages are missing"],
		["Rate Limiting", "Rate limit", "a service refused further requests"],
		["Authentication Errors", "Authentication failed", "a service did not accept who asked"],
		["Service Errors", "Service failed", "a service answered with an error of its own"],
		["Resource Not Found", "Not found", "what was asked for does not exist"],
		["Resource Exhaustion", "Resources used up", "memory, disk or quota ran out"],
		["Timeout Issues", "Took too long", "an action was cut off by a time limit"],
		["Context Handling Failures", "Context lost", "earlier context was dropped or mixed up"],
		["Resource Abuse", "Wasteful use", "the same costly action again and again"],
		["Goal Deviation", "Goal deviation", "left the goal"],
		["Task Orchestration", "Badly coordinated", "parts or agents were not brought together rightly"],
	),
};

const AGENT_RX: Taxonomy = {
	id: "agentrx",
	title: "AgentRx",
	source: "arXiv 2602.02475",
	categories: categories(
		[
			"Instruction/Plan Adherence Failure",
			"Plan or instruction not kept to",
			"a needed step was left out or an extra one done",
		],
		["Invention of New Information", "Information invented", "used something that is found nowhere"],
		["Invalid Invocation", "Invalid call", "the call's form or arguments cannot be accepted"],
		["Misinterpretation of Tool Output", "Tool output misread", "a result was read wrongly"],
		["Intent-Plan Misalignment", "Intent and plan differ", "planned for something else than was asked"],
		["Underspecified User Intent", "Request too vague", "the request did not say enough to act on"],
		["Intent Not Supported", "Request not supported", "no tool can do what was asked"],
		["Guardrails Triggered", "Stopped by a guard", "a policy or safety rule blocked the way"],
		["System Failure", "System failure", "a tool or connection failed on its own"],
		["Inconclusive", "Cannot be decided", "the log does not hold enough to say"],
	),
};

export const TAXONOMIES: readonly Taxonomy[] = [MAST, TRAIL, AGENT_RX];

/** The presets and a person's own lists, as a setting has them; an own list takes the place of a preset with its id. */
export function taxonomiesWith(setting: JsonValue): Taxonomy[] {
	const own = (asArray(setting) ?? []).flatMap(decodeTaxonomy);
	const taken = new Set(own.map(({ id }) => id));
	return [...own, ...TAXONOMIES.filter(({ id }) => !taken.has(id))];
}

/** A list without an id or a category without one is left out. */
function decodeTaxonomy(value: JsonValue): Taxonomy[] {
	const id = asString(member(value, "id"));
	const listed = (asArray(member(value, "categories")) ?? []).flatMap((category): ErrorCategory[] => {
		const name = asString(member(category, "id"));
		if (name === null) return [];
		const title = asString(member(category, "title")) ?? name;
		return [{ id: name, title, meaning: asString(member(category, "meaning")) ?? "" }];
	});
	if (id === null || listed.length === 0) return [];
	return [{ id, title: asString(member(value, "title")) ?? id, source: "own", categories: listed }];
}
