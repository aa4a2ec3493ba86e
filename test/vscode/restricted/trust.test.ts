// Restricted Mode: the extension runs there, because reading a log is harmless.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import "../extension/activation.test.ts";

test("the workspace is not trusted", () => {
	assert.equal(vscode.workspace.isTrusted, false);
});
