// npm run models:tokenizers: asks the original tokenizers library (Rust, by its Node binding) for the tokens of the texts
// in test/support/tokenizers.ts and keeps them in test/fixtures/tokenizers. The binding carries 60 MB of binaries and is
// no dependency: install it first, by `npm install --no-save tokenizers@0.23.2`.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../test/support/paths.ts";
import { TEXTS, TOKENIZERS, tokenizerOf } from "../../test/support/tokenizers.ts";

interface Binding {
	Tokenizer: {
		fromString(json: string): {
			encode(text: string, pair: null, options: { addSpecialTokens: boolean }): Promise<{ getIds(): number[] }>;
		};
	};
}

const library = process.env.TOKENIZERS_LIBRARY ?? "tokenizers";
const { Tokenizer } = (await import(library)).default as Binding;
const folder = join(root, "test/fixtures/tokenizers");
await mkdir(folder, { recursive: true });
for (const kind of TOKENIZERS) {
	const tokenizer = Tokenizer.fromString(JSON.stringify(tokenizerOf(kind)));
	const ids: number[][] = [];
	for (const text of TEXTS) ids.push((await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds());
	const lines = ids.map((entry) => `\t\t${JSON.stringify(entry)}`).join(",\n");
	await writeFile(
		join(folder, `${kind}.json`),
		`{\n\t"library": "tokenizers 0.23.2 (Rust)",\n\t"ids": [\n${lines}\n\t]\n}\n`,
	);
	console.log(`test/fixtures/tokenizers/${kind}.json`);
}
