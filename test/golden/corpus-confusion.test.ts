// No format takes a file of another: what every file of the real logs is, against what it is recognised as, by its content
// alone and in time.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { detectFormat, FORMATS } from "../../src/core/formats/registry.ts";
import { corpus, corpusTest } from "../support/corpus.ts";
import { namelessSample, recognitionsIn } from "../support/recognition.ts";

for (const folder of corpus === null
	? ["all folders"]
	: readdirSync(corpus, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))) {
	corpusTest(`${folder}: every file is recognised as what it is, under a name that says nothing`, folder, async () => {
		const mistaken = (await recognitionsIn(corpus ?? "", folder)).filter(({ found, truth }) => found !== truth);
		expect(mistaken).toEqual([]);
	});
}

corpusTest("a file is recognised in under 5 milliseconds", "agent-prism-otlp", async (path) => {
	const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter(
		(entry) => entry.isFile() && entry.name.endsWith(".json"),
	);
	const samples = await Promise.all(files.map((entry) => namelessSample(join(entry.parentPath, entry.name))));
	for (const sample of samples) detectFormat(sample);
	const started = performance.now();
	for (const sample of samples) detectFormat(sample);
	const each = (performance.now() - started) / samples.length;
	console.log(`${FORMATS.length} formats asked in ${each.toFixed(2)} ms a file of up to 2.5 MB`);
	expect(each).toBeLessThan(5);
});
