// A tree page without a browser: the host's panel is real, and the test speaks for the page.
import * as vscode from "vscode";
import { AskingEnd, type NoticeHandlers } from "../../src/protocol/channel.ts";
import { HOST_NOTICES, type PAGE_NOTICES, TREE_REQUESTS } from "../../src/protocol/tree.ts";

export type PageEnd = AskingEnd<typeof TREE_REQUESTS, typeof HOST_NOTICES, typeof PAGE_NOTICES>;

/**
 * Opens a panel by `open` and takes the place of the page in it while `body` runs.
 * @param body is handed the page's end, and an event with the name of each notice of the host
 */
export async function withFakePage(
	open: () => Thenable<unknown>,
	body: (page: PageEnd, onNotice: vscode.Event<string>) => Promise<void>,
): Promise<void> {
	const toPage = new vscode.EventEmitter<unknown>();
	const toHost = new vscode.EventEmitter<unknown>();
	const disposed = new vscode.EventEmitter<void>();
	const notices = new vscode.EventEmitter<string>();
	const create = vscode.window.createWebviewPanel;
	const panel = {
		title: "tree",
		visible: true,
		reveal: () => {},
		dispose: () => disposed.fire(),
		onDidDispose: disposed.event,
		webview: {
			html: "",
			options: {},
			cspSource: "page:",
			asWebviewUri: (uri: vscode.Uri) => uri,
			onDidReceiveMessage: toHost.event,
			postMessage: async (message: unknown) => toPage.fire(message),
		},
	};
	Object.assign(vscode.window, { createWebviewPanel: () => panel });
	try {
		await open();
	} finally {
		Object.assign(vscode.window, { createWebviewPanel: create });
	}
	const handlers = Object.fromEntries(Object.keys(HOST_NOTICES).map((name) => [name, () => notices.fire(name)]));
	const page = new AskingEnd(
		{
			post: (message) => toHost.fire(message),
			listen: (receive) => {
				const listening = toPage.event(receive);
				return () => listening.dispose();
			},
		},
		TREE_REQUESTS,
		HOST_NOTICES,
		handlers as unknown as NoticeHandlers<typeof HOST_NOTICES>,
		{ timeout: 20_000, report: () => {} },
	);
	try {
		await body(page, notices.event);
	} finally {
		page.close();
		panel.dispose();
	}
}
