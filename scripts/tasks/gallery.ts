// npm run gallery: writes dist/gallery.html, one file that shows every scenario of the tree page in any browser, in every
// theme, with nothing behind it.
import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../../test/support/paths.ts";
import { themes } from "../../test/support/workbench.ts";
import { pageOptions } from "../support/bundles.ts";

const { outputFiles } = await esbuild.build({
	...pageOptions,
	absWorkingDir: root,
	entryPoints: { gallery: "webview/gallery/main.ts" },
	outdir: join(root, "dist"),
	bundle: true,
	minify: true,
	write: false,
});
const part = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? "";
const colours = Object.fromEntries(
	await Promise.all(
		Object.keys(themes).map(async (name) => [
			name,
			JSON.parse(await readFile(join(root, `test/webview/themes/${name}.json`), "utf8")),
		]),
	),
);
const nonce = randomUUID();
const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:`;
/** Inside a script element only the end tag could end it. */
const inScript = (text: string) => text.replaceAll("</", "<\\/");
const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<title>Gallery of the rollout tree</title>
<style nonce="${nonce}">${part(".css")}</style>
<script type="application/json" id="themes">${inScript(JSON.stringify(colours))}</script>
</head>
<body>
<script type="module" nonce="${nonce}">${inScript(part(".js"))}</script>
</body>
</html>
`;
await mkdir(join(root, "dist"), { recursive: true });
await writeFile(join(root, "dist/gallery.html"), html);
console.log("written: dist/gallery.html (open it in any browser)");
