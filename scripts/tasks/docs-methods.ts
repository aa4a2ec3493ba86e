// npm run docs:methods: writes docs/estimators.md and docs/metrics.md from the registries.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../test/support/paths.ts";
import { methodsPages } from "../support/methodsDoc.ts";

for (const [path, text] of Object.entries(methodsPages())) {
	await writeFile(join(root, path), text);
	console.log(`written to ${path}`);
}
