// No format takes a file of another: what every file of the real logs is, against what it is recognised as, by its content
// alone and in time.
import { readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect } from "vitest";
import type { Sample } from "../../src/core/formats/format.ts";
import { detectFormat, FORMATS } from "../../src/core/formats/registry.ts";
import { openContainer, sampleOf } from "../../src/io/container.ts";
import { corpus, corpusTest } from "../support/corpus.ts";
import { truthOf } from "../support/corpusTruth.ts";

async function sampleOfFile(file: string): Promise<Sample> {
	const container = await openContainer(file);
	try {
		// the name may break ties only: it is taken away here
		return { ...(await sampleOf(container)), name: "x.dat" };
	} finally {
		await container.close();
	}
}

for (const folder of corpus === null
	? ["all folders"]
	: readdirSync(corpus, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))) {
	corpusTest(
		`${folder}: every file is recognised as what it is, under a name that says nothing`,
		folder,
		async (path) => {
			const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
			const mistaken: string[] = [];
			for (const entry of files) {
				const file = join(entry.parentPath, entry.name);
				const name = relative(corpus ?? "", file)
					.split(sep)
					.join("/");
				const found = detectFormat(await sampleOfFile(file))?.format.id ?? null;
				const truth = truthOf(name, statSync(file).size);
				if (found !== truth) mistaken.push(`${name} is ${truth}, taken for ${found}`);
			}
			expect(mistaken).toEqual([]);
		},
	);
}

corpusTest("a file is recognised in under 5 milliseconds", "agent-prism-otlp", async (path) => {
	const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter(
		(entry) => entry.isFile() && entry.name.endsWith(".json"),
	);
	const samples = await Promise.all(files.map((entry) => sampleOfFile(join(entry.parentPath, entry.name))));
	for (const sample of samples) detectFormat(sample);
	const started = performance.now();
	for (const sample of samples) detectFormat(sample);
	const each = (performance.now() - started) / samples.length;
	console.log(`${FORMATS.length} formats asked in ${each.toFixed(2)} ms a file of up to 2.5 MB`);
	expect(each).toBeLessThan(5);
});
