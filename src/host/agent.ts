// The agent that reruns and probing let go on, as the settings say: endpoint, tools, the other side, the verifier.
import * as vscode from "vscode";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import type { BackendSpec } from "../core/replay/backendSpec.ts";
import { ANSWER_CHECKS } from "../core/rerun/answers.ts";
import type { Sampling } from "../core/rerun/completion.ts";
import { fidelityCard } from "../core/rerun/fidelity.ts";
import { LOOP_LIMITS, type OtherSide, type RerunRequest } from "../io/rerun.ts";
import type { Verifier } from "../io/verifiers.ts";
import type { ConsentDialogs } from "./consent.ts";
import { chooseBackends, openAgreed, replaySettingsFor } from "./replaySetup.ts";

/** What of a rerun comes from settings and consent. */
export type Agent = Pick<
	RerunRequest,
	"policy" | "backends" | "effects" | "rules" | "grants" | "consent" | "otherSide" | "verifier" | "limits"
>;

/** A key belongs to one endpoint: another address in the settings does not get it. */
export const keyOf = (endpoint: string): string => `trajectory.rerun.key ${endpoint}`;

export function agentConfiguration(summary: RolloutSummary): vscode.WorkspaceConfiguration {
	return vscode.workspace.getConfiguration("trajectory", vscode.Uri.file(summary.file));
}

/** Asks for what only the person can choose; null, and said so, where something is missing or they changed their mind. */
export async function agentFor(
	summary: RolloutSummary,
	rollout: Rollout,
	consent: ConsentDialogs,
	secrets: vscode.SecretStorage,
): Promise<Agent | null> {
	const configuration = agentConfiguration(summary);
	const url = configuration.get("rerun.endpoint", "");
	const model = configuration.get("rerun.model", "") || (rollout.model ?? "");
	if (url === "" || model === "") {
		void vscode.window.showInformationMessage(
			"Set trajectory.rerun.endpoint and trajectory.rerun.model to a chat-completions endpoint first.",
		);
		return null;
	}
	const settings = await replaySettingsFor(summary.file);
	const specs = settings.backends.length === 0 ? [] : await chooseBackends(settings);
	if (specs === undefined) return null;
	const endpoint = { url, key: (await secrets.get(keyOf(url))) ?? null };
	const temperature = configuration.get<number | null>("rerun.temperature", null);
	const sampling: Sampling = { model, temperature, topP: null, maxTokens: null, seed: null };
	return {
		policy: { endpoint, sampling },
		backends: specs,
		effects: settings.effects,
		rules: settings.rules,
		grants: consent.grants,
		consent: (request, needed) => consent.ask(request, needed),
		otherSide: otherSideOf(configuration, endpoint),
		verifier: verifierOf(configuration.get("rerun.verifier", "")),
		limits: { ...LOOP_LIMITS, tokens: configuration.get("rerun.tokens", LOOP_LIMITS.tokens) },
	};
}

/** The fidelity card in lines, with the tools as they are now; null where the person does not let them be opened. */
export async function cardOf(
	rollout: Rollout,
	sampling: Sampling,
	backends: readonly BackendSpec[],
	consent: ConsentDialogs,
): Promise<string[] | null> {
	const opened = await openAgreed(backends, consent, new AbortController().signal);
	if (opened === null) return null;
	const offered = opened.backends.flatMap(({ tools }) => [...tools.values()]);
	await opened.close();
	return fidelityCard(rollout, sampling, offered).map(({ part, state, text }) => `${part}: ${state} (${text})`);
}

function otherSideOf(
	configuration: vscode.WorkspaceConfiguration,
	endpoint: RerunRequest["policy"]["endpoint"],
): OtherSide {
	const model = configuration.get("rerun.userModel", "");
	const instruction = configuration.get("rerun.userInstruction", "");
	return {
		kind: "recording",
		otherwise: model === "" ? { kind: "nobody" } : { kind: "simulated", endpoint, model, instruction },
	};
}

function verifierOf(text: string): Verifier | null {
	const check = ANSWER_CHECKS.find((name) => name === text);
	if (check !== undefined) return { kind: "answer", check };
	return /^https?:\/\//.test(text) ? { kind: "http", url: text } : null;
}

export function verifierName(verifier: Verifier): string {
	if (verifier.kind === "answer") return `the answer, ${verifier.check}`;
	return verifier.kind === "http" ? verifier.url : verifier.command.join(" ");
}
