// The linter keeps the layers apart: every forbidden import is planted once, beside allowed ones, and must be found.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../support/paths.ts";

/** What a file in each folder may and may not import, seen from that file. */
const layers: Record<string, { file: string; allowed: string[]; forbidden: string[] }> = {
	core: {
		file: "src/core/tree/planted.ts",
		allowed: ["../model/step.ts", "./merge.ts", "d3-hierarchy"],
		forbidden: [
			"vscode",
			"node:fs",
			"fs",
			"chokidar",
			"onnxruntime-node",
			"../../io/programs.ts",
			"../../host/pageHtml.ts",
			"../../protocol/messages.ts",
			"../../cli/list.ts",
			"../../../webview/main.ts",
			"../../extension.ts",
			"../../cli.ts",
		],
	},
	protocol: {
		file: "src/protocol/planted.ts",
		allowed: ["../core/model/step.ts"],
		forbidden: ["vscode", "node:fs", "../io/programs.ts", "../host/pageHtml.ts", "../cli/list.ts", "../extension.ts"],
	},
	io: {
		file: "src/io/planted.ts",
		allowed: ["node:fs", "chokidar", "../core/model/step.ts", "../protocol/messages.ts"],
		forbidden: ["vscode", "../host/pageHtml.ts", "../cli/list.ts", "../../webview/main.ts", "../cli.ts"],
	},
	host: {
		file: "src/host/planted.ts",
		allowed: ["vscode", "node:fs", "../core/model/step.ts", "../protocol/messages.ts", "../io/programs.ts"],
		forbidden: ["../cli/list.ts", "../../webview/main.ts", "../extension.ts", "../cli.ts"],
	},
	cli: {
		file: "src/cli/planted.ts",
		allowed: ["node:fs", "commander", "../core/model/step.ts", "../io/programs.ts"],
		forbidden: ["vscode", "../host/pageHtml.ts", "../../webview/main.ts", "../extension.ts", "../cli.ts"],
	},
	webview: {
		file: "webview/planted.ts",
		allowed: ["d3", "../src/core/model/step.ts", "../src/protocol/messages.ts"],
		forbidden: ["vscode", "node:fs", "../src/io/programs.ts", "../src/host/pageHtml.ts", "../src/cli/list.ts"],
	},
};

interface Diagnostic {
	readonly category: string;
	readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

let folder = "";
let diagnostics: Diagnostic[] = [];

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "layers-"));
	copyFileSync(join(root, "biome.json"), join(folder, "biome.json"));
	for (const { file, allowed, forbidden } of Object.values(layers)) {
		plant(
			file,
			[...allowed, ...forbidden].map((target) => `import ${JSON.stringify(target)};`),
		);
	}
	plant("src/io/writer.ts", ['import { read } from "./reader.ts";', "export const write = () => read;"]);
	plant("src/io/reader.ts", ['import { write } from "./writer.ts";', "export const read = () => write;"]);
	diagnostics = lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(layers))(
	"%s imports nothing that its layer forbids",
	(_layer, { file, allowed, forbidden }) => {
		const targets = [...allowed, ...forbidden];
		const found = diagnostics
			.filter(
				({ category, location }) =>
					/noRestrictedImports|useNodejsImportProtocol/.test(category) && location.path === file,
			)
			.map(({ location }) => targets[location.start.line - 1]);
		expect([...new Set(found)].sort()).toEqual([...forbidden].sort());
	},
);

test("an import cycle is found", () => {
	const found = diagnostics.filter(({ category }) => category.endsWith("noImportCycles"));
	expect(found.map(({ location }) => location.path).sort()).toEqual(["src/io/reader.ts", "src/io/writer.ts"]);
});

function plant(file: string, lines: string[]): void {
	mkdirSync(dirname(join(folder, file)), { recursive: true });
	writeFileSync(join(folder, file), `${lines.join("\n")}\n`);
}

/** Errors only, as `npm run lint` fails on them. */
function lint(): Diagnostic[] {
	const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
	const parameters = [biome, "lint", "--reporter=json", "--diagnostic-level=error", "--max-diagnostics=none", "."];
	const { stdout, stderr } = spawnSync(process.execPath, parameters, { cwd: folder, encoding: "utf8" });
	if (stdout === "") throw new Error(stderr);
	return JSON.parse(stdout).diagnostics;
}
