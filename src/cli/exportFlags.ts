// What `trajectory export` was told on the command line.
import { promises as files } from "node:fs";
import { ownRules, REDACTION_RULES, type RedactionRule } from "../core/exports/redaction.ts";

export interface ExportFlags {
	to: string;
	rollout?: string;
	labels?: string;
	prefixes?: boolean;
	propagate?: boolean;
	redact?: boolean;
	redactRules?: string;
	preview?: boolean;
	out?: string;
	split?: string;
	seed: string;
}

/** The rules that are asked for; a preview looks with the built-in ones. A file with a wrong rule is refused. */
export async function rulesOf(flags: ExportFlags, refuse: (reason: string) => never): Promise<RedactionRule[]> {
	const builtIn = flags.redact === true || flags.preview === true ? REDACTION_RULES : [];
	if (flags.redactRules === undefined) return [...builtIn];
	let text = "";
	try {
		text = await files.readFile(flags.redactRules, "utf8");
		const { rules, problems } = ownRules(JSON.parse(text));
		if (problems.length > 0) refuse(`${flags.redactRules}: ${problems.join("; ")}`);
		return [...builtIn, ...rules];
	} catch (error) {
		return refuse(`${flags.redactRules}: ${(error as Error).message}`);
	}
}
