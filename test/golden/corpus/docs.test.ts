// docs/formats.md says what the registry says, with the numbers of the real logs beside the repository.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countFormats, formatsDocument } from "../../../scripts/support/formatsDoc.ts";
import { FORMATS } from "../../../src/core/formats/registry.ts";
import { corpusTest } from "../../support/corpus.ts";
import { root } from "../../support/paths.ts";
import { recognitionsIn } from "../../support/recognition.ts";

const page = readFileSync(join(root, "docs/formats.md"), "utf8");

test.each(FORMATS.map((format) => [format.id]))(
	"%s is described in docs/formats.md as the registry describes it",
	(id) => {
		const section = page.split(`<a id="${id}"></a>`)[1]?.split("<a id=")[0];
		const written = formatsDocument(new Map(), []).split(`<a id="${id}"></a>`)[1]?.split("<a id=")[0];
		expect(section, "run npm run docs:formats").toBe(written);
	},
);

corpusTest(
	"the numbers in docs/formats.md are what is read now (npm run docs:formats)",
	".",
	async (folder) => {
		expect(page).toBe(formatsDocument(await countFormats(folder), await recognitionsIn(folder, ".")));
	},
	600_000,
);
