// F5 on a rollout walks through the recorded run, forward and backward, without running anything.
import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, openReadable, until } from "../support.ts";

interface Recorder extends vscode.Disposable {
	events: DebugProtocol.Event[];
	/** Messages of requests that failed. */
	refusals: string[];
	/** The session that was started; null before. */
	session(): vscode.DebugSession | null;
	onDidSend: vscode.Event<unknown>;
}

function recordDebugger(): Recorder {
	const events: DebugProtocol.Event[] = [];
	const refusals: string[] = [];
	const sent = new vscode.EventEmitter<void>();
	let started: vscode.DebugSession | null = null;
	const registration = vscode.debug.registerDebugAdapterTrackerFactory("trajectory", {
		createDebugAdapterTracker: (session) => ({
			onWillStartSession: () => {
				started = session;
			},
			onDidSendMessage: (message: DebugProtocol.ProtocolMessage) => {
				const response = message as DebugProtocol.Response;
				if (message.type === "response" && !response.success) refusals.push(response.message ?? "");
				if (message.type === "event") events.push(message as DebugProtocol.Event);
				sent.fire();
			},
		}),
	});
	return {
		events,
		refusals,
		session: () => started,
		onDidSend: sent.event,
		dispose: () => vscode.Disposable.from(registration, sent).dispose(),
	};
}

class Walk {
	private readonly recorder = recordDebugger();
	session!: vscode.DebugSession;
	private gone = false;

	async start(): Promise<void> {
		await this.stopped(() => vscode.commands.executeCommand("trajectory.replayRecording"));
		const session = this.recorder.session();
		assert.ok(session, "no session was started");
		this.session = session;
		const ending = vscode.debug.onDidTerminateDebugSession((ended) => {
			if (ended.id !== session.id) return;
			this.gone = true;
			ending.dispose();
		});
	}

	/** Does something and answers the reason of the stop that follows; "terminated" at the end of the run. */
	async stopped(action: () => Thenable<unknown>): Promise<string> {
		const before = this.recorder.events.length;
		await action();
		const ended = () =>
			this.recorder.events.slice(before).find(({ event }) => event === "stopped" || event === "terminated");
		const event = await until(ended, [this.recorder.onDidSend], "a stop");
		return event.event === "terminated" ? "terminated" : (event as DebugProtocol.StoppedEvent).body.reason;
	}

	request(command: string): Promise<string> {
		return this.stopped(() => this.session.customRequest(command, { threadId: 1 }));
	}

	async frame(): Promise<string> {
		const { stackFrames }: DebugProtocol.StackTraceResponse["body"] = await this.session.customRequest("stackTrace", {
			threadId: 1,
		});
		return stackFrames[0]?.name ?? "";
	}

	async evaluate(expression: string): Promise<string> {
		const before = this.recorder.refusals.length;
		try {
			const answer: DebugProtocol.EvaluateResponse["body"] = await this.session.customRequest("evaluate", {
				expression,
				context: "repl",
			});
			return answer.result;
		} catch (error) {
			// VS Code keeps the adapter's own words to itself
			const words = await until(() => this.recorder.refusals[before], [this.recorder.onDidSend], "the adapter's words");
			throw new Error(words, { cause: error });
		}
	}

	async end(): Promise<void> {
		const gone = until(() => this.gone, [vscode.debug.onDidTerminateDebugSession], "the end of the session");
		await vscode.debug.stopDebugging(this.session);
		await gone;
		this.recorder.dispose();
	}
}

async function walking(id: string, body: (walk: Walk) => Promise<void>): Promise<void> {
	await openReadable(id);
	const walk = new Walk();
	try {
		await walk.start();
		await body(walk);
	} finally {
		vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
		await walk.end();
	}
}

test("a recorded run is walked step by step, back, and to the first error", async () => {
	await walking("broken-lamp/7", async (walk) => {
		assert.match(await walk.frame(), /#0 You run the order desk/);
		assert.equal(await walk.request("next"), "step");
		assert.match(await walk.frame(), /#1 /);
		assert.equal(await walk.request("continue"), "breakpoint");
		assert.match(await walk.frame(), /#8 return_item/);
		assert.equal(await walk.request("stepBack"), "step");
		assert.match(await walk.frame(), /#7 /);
		assert.equal(await walk.request("reverseContinue"), "entry");
		const { selection } = await extensionApi();
		assert.equal(selection.current?.step, 0);
	});
});

test("breakpoints stop on tools and on steps of the document, and conditions are in the filter language", async () => {
	await walking("broken-lamp/0", async (walk) => {
		const document = vscode.window.activeTextEditor?.document;
		assert.ok(document);
		const heading = Array.from({ length: document.lineCount }, (_, line) => line).find((line) =>
			document.lineAt(line).text.startsWith("#4 "),
		);
		const location = new vscode.Location(document.uri, new vscode.Position(heading ?? 0, 0));
		vscode.debug.addBreakpoints([
			new vscode.FunctionBreakpoint("refund"),
			new vscode.SourceBreakpoint(location, true, 'tool = "get_order"'),
		]);
		assert.equal(await walk.request("continue"), "breakpoint");
		assert.match(await walk.frame(), /#4 get_order/);
		assert.equal(await walk.request("continue"), "breakpoint");
		assert.match(await walk.frame(), /#8 refund/);
		assert.equal(await walk.request("continue"), "terminated");
	});
});

test("the console serves recorded results, and shows the nearest call for any other", async () => {
	await walking("broken-lamp/3", async (walk) => {
		assert.equal(
			await walk.evaluate('list_orders({"customer": "C-7"})'),
			'[{"order": "W-2210", "placed": "2026-10-02"}, {"order": "W-1874", "placed": "2026-06-18"}]',
		);
		const refused = walk.evaluate('list_orders({"customer": "C-8"})');
		await assert.rejects(refused, /not recorded: customer: "C-8" instead of "C-7".*Nearest: step #3 list_orders/s);
	});
});

test("variables show the numbers, calls and observations of a step", async () => {
	await walking("broken-lamp/3", async (walk) => {
		await walk.request("next");
		await walk.request("next");
		const { scopes }: DebugProtocol.ScopesResponse["body"] = await walk.session.customRequest("scopes", { frameId: 0 });
		assert.deepEqual(
			scopes.map(({ name }) => name),
			["Step", "Calls", "Observations"],
		);
		const { variables }: DebugProtocol.VariablesResponse["body"] = await walk.session.customRequest("variables", {
			variablesReference: scopes[0]?.variablesReference,
		});
		assert.deepEqual(variables.find(({ name }) => name === "advantage")?.value, "−0.72");
	});
});
