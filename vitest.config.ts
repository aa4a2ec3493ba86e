// Which tests run where: in plain Node, and in Chromium pages driven from Node. The suite inside VS Code is its own
// program (test/vscode).
import { defineConfig } from "vitest/config";

const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
	test: {
		passWithNoTests: true,
		projects: [
			{
				test: {
					name: "node",
					include: ["test/unit/**/*.test.ts", "test/golden/**/*.test.ts", "examples/practice/test/**/*.test.ts"],
					...patience,
				},
			},
			{
				test: {
					name: "page",
					include: ["test/webview/**/*.test.ts"],
					// a page answers when the machine lets it, however busy that is
					expect: { poll: { timeout: 20_000 } },
					...patience,
				},
			},
		],
	},
});
