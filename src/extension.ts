// Entry in VS Code: the composition root.
import * as vscode from "vscode";

export function activate(context: vscode.ExtensionContext): void {
	context.subscriptions.push(vscode.window.createOutputChannel("Trajectory Debugger", { log: true }));
}
