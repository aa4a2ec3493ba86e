// node scripts/run.mjs themes: reads the colours of VS Code's own themes, as a webview sees them, for the page tests.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../test/support/paths.ts";
import { openWorkbench, type ThemeName, themes } from "../../test/support/workbench.ts";

const workbench = await openWorkbench({ workspace: join(root, "test") });
try {
	await workbench.openFile("README.md");
	await workbench.runCommand("Markdown: Open Preview");
	for (const theme of Object.keys(themes) as ThemeName[]) {
		await workbench.setTheme(theme);
		await workbench.screenshot(join(root, ".vscode-test/themes.png"));
		const frame = await workbench.webview("h1");
		const style = (await frame.locator("html").getAttribute("style")) ?? "";
		const file = join(root, `test/webview/themes/${theme}.json`);
		await writeFile(file, `${JSON.stringify(colours(style), null, "\t")}\n`);
		console.log(file);
	}
} finally {
	await workbench.close();
}

/** The colour variables of a style attribute. Fonts and sizes are left out: they differ between systems. */
function colours(style: string): Record<string, string> {
	const found: Record<string, string> = {};
	for (const declaration of style.split(";")) {
		const [name = "", value = ""] = declaration.split(/:(.*)/s).map((part) => part.trim());
		if (name.startsWith("--vscode-") && /^(#|rgb|color-mix|transparent)/.test(value)) found[name] = value;
	}
	return found;
}
