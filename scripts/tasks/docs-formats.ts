// Writes docs/formats.md anew: what is read of each format, and how much was read from the real logs beside the repository.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../test/support/paths.ts";
import { recognitionsIn } from "../../test/support/recognition.ts";
import { countFormats, formatsDocument } from "../support/formatsDoc.ts";

const corpus = join(root, "../shared/corpus");
if (!existsSync(corpus)) {
	console.error("The numbers of docs/formats.md are counted over ../shared/corpus, which is not here.");
	process.exit(1);
}
writeFileSync(
	join(root, "docs/formats.md"),
	formatsDocument(await countFormats(corpus), await recognitionsIn(corpus, ".")),
);
console.log("wrote docs/formats.md");
