// npm run package: builds and packages every target, or those named: `npm run package -- linux-x64 universal`.
import { relative } from "node:path";
import { root } from "../../test/support/paths.ts";
import { buildAll, overLimit, sizeTable } from "../support/bundles.ts";
import { packageVsix, type Target, targets } from "../support/vsix.ts";

/** Largest allowed size of the package that most people install on servers, in megabytes of 1000 kB. */
const linuxLimitMegabytes = 25;

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(targets as readonly string[]).includes(name));
if (unknown.length > 0) {
	console.error(`unknown target ${unknown.join(", ")}: choose from ${targets.join(", ")}`);
	process.exit(2);
}

const { sizes, inputs } = await buildAll(true);
console.log(sizeTable(sizes));
const complaints = overLimit(sizes);
for (const target of named.length > 0 ? (named as Target[]) : targets) {
	const { file, bytes } = await packageVsix(target, inputs);
	const megabytes = bytes / 1e6;
	console.log(`${relative(root, file)}: ${megabytes.toFixed(1)} MB`);
	if (target === "linux-x64" && megabytes > linuxLimitMegabytes) {
		complaints.push(`${target}: ${megabytes.toFixed(1)} MB, allowed ${linuxLimitMegabytes} MB`);
	}
}
for (const sentence of complaints) console.error(`too large: ${sentence}`);
process.exitCode = complaints.length > 0 ? 1 : 0;
