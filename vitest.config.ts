// Which tests run in plain Node: everything that needs neither a browser page nor VS Code.
import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/unit/**/*.test.ts", "test/golden/**/*.test.ts", "examples/practice/test/**/*.test.ts"],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		passWithNoTests: true,
	},
});
