// The package as a user installs it: nothing of the repository beside it.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import "../extension/activation.test.ts";

test("the tested extension is the installed one", () => {
	const extension = vscode.extensions.getExtension("trajectory-debugger.trajectory-debugger");
	assert.match(extension?.extensionPath ?? "", /extensions[\\/]trajectory-debugger\.trajectory-debugger-[^\\/]+$/);
});
