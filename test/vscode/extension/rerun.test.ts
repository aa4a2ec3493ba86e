// Reruns and live replays from the editor's commands, against the practice world; the person is asked before anything runs.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { answering, type Question } from "../dialogs.ts";
import { withFakePage } from "../fakePage.ts";
import { atDesk, withSettings } from "../practiceDesk.ts";
import { test } from "../registry.ts";
import { setSentinels } from "../sentinels.ts";
import { explorerText, extensionApi, inWorkspace, openReadable, rolloutNamed, until } from "../support.ts";

const command =
	(name: string, ...given: unknown[]) =>
	() =>
		vscode.commands.executeCommand(`trajectory.${name}`, ...given) as Promise<unknown>;

/** A person who agrees to everything. */
const agrees = ({ choices }: Question): string | null => choices[0] ?? null;

test("a rerun shows in explorer and tree while it runs, and is judged at its end", async () => {
	await atDesk(async (desk) => {
		const { library } = await extensionApi();
		const summary = await rolloutNamed(desk.rollout);
		const continuations = () => library.group(summary).rollouts.filter(({ id }) => id !== desk.rollout);
		await openReadable(desk.rollout);
		await withFakePage(command("showTree"), async (page, onNotice) => {
			const rolloutsInTree = async (): Promise<number> => {
				const snapshot = await page.ask("open", { merge: null });
				assert.ok(snapshot.ok);
				return snapshot.value.rollouts.ids.length;
			};
			assert.equal(await rolloutsInTree(), 1);
			const notices: string[] = [];
			onNotice((name) => notices.push(name));
			const gate = desk.hold(6);
			const running = answering(agrees, command("rerunFromStep"));
			await until(() => continuations().length > 0, [library.onDidChange], "a continuation");
			await until(() => notices.find((name) => /grown|changed/.test(name)), [onNotice], "news in the tree");
			assert.ok((await rolloutsInTree()) > 1);
			assert.match((await explorerText()).join("\n"), new RegExp(`${desk.rollout}@`));
			assert.deepEqual(new Set(continuations().map(({ reward }) => reward)), new Set([null]));
			gate.open();
			const asked = await running;
			assert.deepEqual(
				asked.slice(0, 3).map(({ kind, text }) => `${kind} ${text}`),
				[
					"pick Where do the tools run?",
					`message Use the tools of ${desk.backend}?`,
					`message Rerun ${desk.rollout} from step #2, 2 times?`,
				],
			);
			assert.match(asked.at(-1)?.text ?? "", /of 2 succeeded/);
			const judged = () => continuations().filter(({ reward }) => reward !== null).length === 2;
			await until(judged, [library.onDidChange], "the rewards");
		});
	});
});

test("reads are asked for once, every write with exactly its call; what is left out does not run", async () => {
	await atDesk(async (desk) => {
		const { library } = await extensionApi();
		const summary = await rolloutNamed(desk.rollout);
		const rollout = await library.rollout(summary);
		const calls = rollout?.steps.flatMap((step) => step.calls) ?? [];
		const asked = await answering(
			({ text, choices }) => (text.startsWith("Run add_note") ? "Leave Out" : (choices[0] ?? null)),
			command("replayCalls", { kind: "rollout", summary }),
		);
		const reads = asked.filter(({ text }) => text.startsWith("Let calls that only read run"));
		assert.equal(reads.length, 1);
		const writes = asked.filter(({ text }) => /^Run \w+ on /.test(text));
		const shown = writes.map(({ detail }) => detail.split("\n\n").slice(0, -1).join("\n\n"));
		const exact = calls.map(({ name, arguments: args }) => `${name}(${JSON.stringify(args, null, 2)})`);
		const isWrite = (call: string): boolean => shown.includes(call);
		assert.ok(exact.filter(isWrite).length >= 3, shown.join());
		assert.equal(shown.filter((call) => !exact.includes(call)).length, 1, "only the reset is no call of the agent");
		assert.match(asked.at(-1)?.text ?? "", /reproducible|equal/);
	});
});

test("a page can wish for a replay or a rerun, but nothing runs before the person has agreed in the editor", async () => {
	const sentinels = await setSentinels(inWorkspace("page-started"));
	const [program = "", ...args] = sentinels.program;
	const undo = await withSettings({
		"replay.backends": { sentinel: { command: program, args } },
		"rerun.endpoint": sentinels.address,
		"rerun.model": "m",
	});
	try {
		const summary = await rolloutNamed("broken-lamp/3");
		await openReadable("broken-lamp/3");
		const consent = "Start the tools of sentinel?";
		await withFakePage(command("showTree"), async (page) => {
			const opened = await page.ask("open", { merge: null });
			assert.ok(opened.ok);
			const wish = (action: "replay" | "rerun", answer: (question: Question) => string | null) =>
				answering(answer, async (question) => {
					assert.ok(opened.value.abilities.includes(action), `the page is not offered to ${action}`);
					assert.ok((await page.ask("act", { action, rollout: summary.key, step: 4 })).ok);
					await question(consent);
				});
			for (const action of ["replay", "rerun"] as const) {
				const asked = await wish(action, ({ kind, choices }) => (kind === "pick" ? (choices[0] ?? null) : null));
				assert.equal(asked.at(-1)?.text, consent);
			}
			assert.deepEqual(sentinels.seen(), []);
			// the same wish, agreed to, is noticed: the sentinels are awake
			await answering(agrees, async (question) => {
				await page.ask("act", { action: "replay", rollout: summary.key, step: 4 });
				await question("sentinel: MCP error -32000: Connection closed");
			});
			assert.deepEqual(sentinels.seen(), ["a program was started"]);
		});
	} finally {
		await undo();
		sentinels.close();
	}
});
