// npm run models:tiny: writes the tiny reward models of the tests to test/fixtures/models.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root } from "../../test/support/paths.ts";
import { TINY_MODELS, tinyModel } from "../../test/support/tinyModels.ts";

for (const kind of TINY_MODELS) {
	const folder = join(root, "test/fixtures/models", kind);
	await rm(folder, { recursive: true, force: true });
	for (const [name, content] of Object.entries(tinyModel(kind))) {
		await mkdir(dirname(join(folder, name)), { recursive: true });
		await writeFile(join(folder, name), content);
	}
	console.log(`test/fixtures/models/${kind}`);
}
