// npm run kernel: assembles src/core/json/kernel.wat into the module that the core carries as text.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../test/support/paths.ts";
import { assemble } from "../support/assemble.ts";

const bytes = assemble(readFileSync(join(root, "src/core/json/kernel.wat"), "utf8"));
const lines =
	Buffer.from(bytes)
		.toString("base64")
		.match(/.{1,100}/g) ?? [];
const text = lines.map((line) => `\t"${line}",`).join("\n");
writeFileSync(
	join(root, "src/core/json/kernelBytes.ts"),
	`// Made from kernel.wat by \`node scripts/run.mjs kernel\`; a test sees that it still fits.
export const KERNEL_BASE64 = [
${text}
].join("");
`,
);
console.log(`src/core/json/kernelBytes.ts: ${bytes.length} bytes`);
