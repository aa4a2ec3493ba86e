// Takes what looks like a secret out of text that leaves the editor, unless the settings say otherwise.
import * as vscode from "vscode";
import { REDACTION_RULES, redactText } from "../core/exports/redaction.ts";

export function masked(text: string): string {
	const wanted = vscode.workspace.getConfiguration("trajectory").get("maskSecrets", true);
	return wanted ? redactText(text, REDACTION_RULES) : text;
}
