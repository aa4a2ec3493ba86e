// Asks the person before anything runs, in the editor's own dialogs, and remembers their answers for this session.
import * as vscode from "vscode";
import { type BackendSpec, describeBackend } from "../core/replay/backendSpec.ts";
import { type CallRequest, type ConsentNeeded, type Grants, NO_GRANTS, withReads } from "../core/replay/consent.ts";
import type { Consent } from "../core/replay/execute.ts";
import { visible } from "../core/text/line.ts";

/** Longest call that a dialog can show; anything longer is not agreed to unseen, but opened beside it. */
const LONGEST_SHOWN = 1500;

export class ConsentDialogs {
	private granted: Grants = NO_GRANTS;
	private readonly opened = new Set<string>();
	/** One question at a time: parallel continuations wait for each other's dialogs. */
	private turn: Promise<unknown> = Promise.resolve();

	get grants(): Grants {
		return this.granted;
	}

	/** Asked once a session for each command line or address; another command under the same name is asked for again. */
	async mayOpen(spec: BackendSpec): Promise<boolean> {
		if (!vscode.workspace.isTrusted) return false;
		const what = describeBackend(spec);
		const key = `${spec.kind} ${spec.name} ${what}`;
		if (this.opened.has(key)) return true;
		const starts = spec.kind === "mcp-stdio" ? "Start" : "Use";
		const answer = await vscode.window.showWarningMessage(
			vscode.l10n.t("{0} the tools of {1}?", starts, spec.name),
			{ modal: true, detail: `${visible(what)}\n\nfrom ${spec.source}` },
			starts,
		);
		if (answer !== starts) return false;
		this.opened.add(key);
		return true;
	}

	ask(request: CallRequest, needed: Exclude<ConsentNeeded, "none">): Promise<Consent> {
		const asked = this.turn.then(() => this.askNow(request, needed));
		this.turn = asked.catch(() => "stop");
		return asked;
	}

	private async askNow(request: CallRequest, needed: Exclude<ConsentNeeded, "none">): Promise<Consent> {
		if (!vscode.workspace.isTrusted) return "stop";
		const { backend, tool, arguments: args, effect, because } = request;
		if (needed === "reads" && this.granted.reads.has(backend)) return "run";
		const call = visible(`${tool}(${JSON.stringify(args, null, 2)})`);
		if (call.length > LONGEST_SHOWN) await showWhole(call);
		const shown =
			call.length > LONGEST_SHOWN ? `${call.slice(0, LONGEST_SHOWN)}…\n(the whole call is open beside)` : call;
		const run = needed === "reads" ? "Run Reads" : "Run This Call";
		const question =
			needed === "reads" ? `Let calls that only read run on ${backend} in this session?` : `Run ${tool} on ${backend}?`;
		const detail = `${shown}\n\n${effect} (${because})`;
		const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, run, "Leave Out");
		if (answer === run && needed === "reads") this.granted = withReads(this.granted, backend);
		if (answer === run) return "run";
		return answer === "Leave Out" ? "skip" : "stop";
	}
}

async function showWhole(content: string): Promise<void> {
	const document = await vscode.workspace.openTextDocument({ content });
	await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}
