// docs/estimators.md and docs/metrics.md are what the registries say.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { methodsPages } from "../../../scripts/support/methodsDoc.ts";
import { root } from "../../support/paths.ts";

test.each(Object.entries(methodsPages()))("%s is current: npm run docs:methods", (file, text) => {
	expect(readFileSync(path.join(root, file), "utf8")).toBe(text);
});
