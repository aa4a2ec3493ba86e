// "Rerun ...": continuations of a rollout by a model, live in explorer and tree while they grow.
import path from "node:path";
import * as vscode from "vscode";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { type Edit, forkProblem } from "../core/rerun/fork.ts";
import { describeRate, rateOf } from "../core/rerun/rates.ts";
import { hashText } from "../core/text/hash.ts";
import { type RerunRequest, rerun } from "../io/rerun.ts";
import { STORE_FOLDER } from "../io/rolloutStore.ts";
import { agentConfiguration, agentFor, cardOf, keyOf, verifierName } from "./agent.ts";
import type { ConsentDialogs } from "./consent.ts";
import type { Library } from "./library.ts";
import type { Subject } from "./liveReplay.ts";
import { folderOf, requireTrust, withSignal } from "./replaySetup.ts";

/** Everything of a rerun but what differs from one time to the next. */
type Prepared = Omit<RerunRequest, "file" | "name" | "signal" | "changed"> & { summary: RolloutSummary };

export class Reruns {
	private readonly library: Library;
	private readonly consent: ConsentDialogs;
	private readonly secrets: vscode.SecretStorage;
	private last: Prepared[] = [];

	constructor(library: Library, consent: ConsentDialogs, secrets: vscode.SecretStorage) {
		this.library = library;
		this.consent = consent;
		this.secrets = secrets;
	}

	async setKey(): Promise<void> {
		if (!requireTrust("A key for an endpoint")) return;
		const endpoint = await chooseEndpoint();
		if (endpoint === undefined) return;
		const key = await vscode.window.showInputBox({ password: true, prompt: `Key of ${endpoint}; empty forgets it` });
		if (key === "") await this.secrets.delete(keyOf(endpoint));
		else if (key !== undefined) await this.secrets.store(keyOf(endpoint), key);
	}

	async fromStep({ summary, step }: Subject, what: Edit["what"] | null): Promise<void> {
		if (!requireTrust("Rerunning")) return;
		const rollout = await this.library.rollout(summary);
		if (rollout === null) return;
		const at = step ?? firstAgentStep(rollout);
		const edit = what === null ? null : await askForEdit(rollout, at, what);
		if (edit === undefined) return;
		const prepared = await this.prepare(summary, rollout, at, edit);
		if (prepared !== null) await this.run([prepared]);
	}

	/** Every failed rollout of the task of `summary`, from its first agent step. */
	async failed(summary: RolloutSummary): Promise<void> {
		if (!requireTrust("Rerunning")) return;
		const failures = this.library.group(summary).rollouts.filter(({ outcome }) => outcome === "failure");
		const [first] = failures;
		const rollout = first === undefined ? null : await this.library.rollout(first);
		if (first === undefined || rollout === null) {
			void vscode.window.showInformationMessage(`No rollout of task ${summary.task} failed.`);
			return;
		}
		const model = await this.prepare(first, rollout, firstAgentStep(rollout), null, failures.length);
		if (model === null) return;
		const all = [model];
		for (const other of failures.slice(1)) {
			const loaded = await this.library.rollout(other);
			if (loaded === null) continue;
			const fork = { step: firstAgentStep(loaded), edit: null };
			all.push({ ...model, summary: other, rollout: loaded, run: other.run, fork });
		}
		await this.run(all);
	}

	async again(): Promise<void> {
		if (!requireTrust("Rerunning")) return;
		if (this.last.length === 0) void vscode.window.showInformationMessage("Nothing was rerun in this session.");
		else await this.run(this.last);
	}

	private async prepare(
		summary: RolloutSummary,
		rollout: Rollout,
		step: number,
		edit: Edit | null,
		rollouts = 1,
	): Promise<Prepared | null> {
		const problem = forkProblem(rollout, { step, edit });
		if (problem !== null) {
			void vscode.window.showInformationMessage(problem);
			return null;
		}
		const agent = await agentFor(summary, rollout, this.consent, this.secrets);
		if (agent === null) return null;
		const configuration = agentConfiguration(summary);
		const prepared: Prepared = {
			...agent,
			summary,
			rollout,
			run: summary.run,
			fork: { step, edit },
			k: configuration.get("rerun.count", 4),
			parallel: configuration.get("rerun.parallel", 4),
		};
		return (await this.agreed(prepared, rollouts)) ? prepared : null;
	}

	/** The fidelity card and what will be asked, of whom and how often, before the first request. */
	private async agreed(
		{ summary, rollout, fork, k, policy, backends, verifier }: Prepared,
		rollouts: number,
	): Promise<boolean> {
		const card = await cardOf(rollout, policy.sampling, backends, this.consent);
		if (card === null) return false;
		const judged =
			verifier === null ? "no verifier: success rates are not told" : `judged by: ${verifierName(verifier)}`;
		const detail = [`${policy.sampling.model} at ${policy.endpoint.url}`, judged, "", ...card].join("\n");
		const many = rollouts === 1 ? summary.id : `${rollouts} failed rollouts`;
		const question = `Rerun ${many} from step #${fork.step}, ${k} times?`;
		return (await vscode.window.showWarningMessage(question, { modal: true, detail }, "Rerun")) === "Rerun";
	}

	private async run(all: Prepared[]): Promise<void> {
		this.last = all;
		await withSignal("Rerunning", async (signal, report) => {
			for (const [index, prepared] of all.entries()) {
				if (signal.aborted) return;
				report(`${prepared.summary.id} (${index + 1} of ${all.length})`);
				await this.runOne(prepared, signal);
			}
		});
	}

	private async runOne(prepared: Prepared, signal: AbortSignal): Promise<void> {
		const { summary, fork } = prepared;
		const name = Date.now().toString(36);
		const folder = folderOf(summary.file) ?? path.dirname(summary.file);
		const file = path.join(folder, STORE_FOLDER, `${hashText(summary.key).slice(-6)}-${fork.step}-${name}.jsonl`);
		let shown: Promise<void> | null = null;
		// from then on the library follows the file as it grows
		const changed = (): void => {
			shown ??= this.library.open([file]);
		};
		this.library.follow("rerun");
		const done = await rerun({ ...prepared, grants: this.consent.grants, file, name, signal, changed });
		await shown;
		await this.library.open([file]);
		this.library.unfollow("rerun");
		if (!done.ok) {
			void vscode.window.showErrorMessage(`Rerun of ${summary.id}: ${done.error}`);
			return;
		}
		const failed = done.value.find(({ end }) => end.kind === "failed");
		const rate =
			prepared.verifier === null ? "no verifier" : describeRate(rateOf(done.value.map(({ outcome }) => outcome)));
		const trouble = failed === undefined ? "" : `; first trouble: ${failed.end.reason}`;
		void vscode.window.showInformationMessage(`${summary.id} from #${fork.step}: ${rate}${trouble}`);
	}
}

function firstAgentStep(rollout: Rollout): number {
	return Math.max(
		0,
		rollout.steps.findIndex(({ role }) => role === "agent"),
	);
}

async function askForEdit(rollout: Rollout, step: number, what: Edit["what"]): Promise<Edit | undefined> {
	const before = what === "message" ? rollout.steps[step]?.text : rollout.steps[step]?.observations[0]?.text;
	const text = await vscode.window.showInputBox({
		prompt: `The ${what} of step #${step} as it is to be`,
		value: before ?? "",
	});
	return text === undefined ? undefined : { what, text };
}

/** The endpoint that a key is for, among those in the settings; undefined where there is none, and said so. */
async function chooseEndpoint(): Promise<string | undefined> {
	const configuration = vscode.workspace.getConfiguration("trajectory");
	const set = ["rerun.endpoint", "judge.endpoint"].map((name) => configuration.get(name, ""));
	const endpoints = [...new Set(set.filter((endpoint) => /^https?:/.test(endpoint)))];
	if (endpoints.length > 1) return vscode.window.showQuickPick(endpoints, { placeHolder: "Key of which endpoint?" });
	if (endpoints.length === 0)
		void vscode.window.showInformationMessage("Set trajectory.rerun.endpoint or trajectory.judge.endpoint first.");
	return endpoints[0];
}
