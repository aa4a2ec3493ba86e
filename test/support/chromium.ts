// The browser for page tests and pictures.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import { cached } from "./cache.ts";
import { root } from "./paths.ts";

export interface BrowserOptions {
	/** Only the fonts that come with the pinned Chromium, so that text has the same width on every machine. */
	readonly pinnedFonts?: boolean;
}

/**
 * Starts a headless Chromium: the executable in TRAJECTORY_CHROMIUM, else the pinned one from the npm registry (Linux
 * on x64), which draws the same everywhere, else one on the PATH, else Playwright's own.
 * @throws with what was looked for when there is none
 */
export async function launchChromium(choice: BrowserOptions = {}): Promise<Browser> {
	const named = process.env.TRAJECTORY_CHROMIUM;
	if (named) return chromium.launch(launchOptions(named));
	if (process.platform === "linux" && process.arch === "x64") return launchPinned(choice);
	const found = onPath(["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"]) ?? playwrightsOwn();
	if (found !== undefined) return chromium.launch(launchOptions(found));
	throw new Error(
		"no Chromium: none on the PATH and none of Playwright's own. Name one in TRAJECTORY_CHROMIUM, or run `npx playwright-core install chromium`.",
	);
}

function launchOptions(executablePath: string): LaunchOptions & { args: string[] } {
	const args = ["--font-render-hinting=none", "--force-color-profile=srgb", "--disable-lcd-text"];
	// Chromium refuses its sandbox to root.
	return { executablePath, args: process.getuid?.() === 0 ? [...args, "--no-sandbox"] : args };
}

function onPath(names: readonly string[]): string | undefined {
	const suffix = process.platform === "win32" ? ".exe" : "";
	const folders = (process.env.PATH ?? "").split(delimiter);
	return names.flatMap((name) => folders.map((folder) => join(folder, name + suffix))).find(existsSync);
}

function playwrightsOwn(): string | undefined {
	const path = chromium.executablePath();
	return existsSync(path) ? path : undefined;
}

async function launchPinned({ pinnedFonts = false }: BrowserOptions): Promise<Browser> {
	const folder = await unpackPinned();
	const executable = join(folder, "chromium");
	const env: Record<string, string> = {};
	for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
	env.FONTCONFIG_FILE = join(folder, pinnedFonts ? "pinned-fonts.conf" : "all-fonts.conf");
	// A bare system lacks libraries that the package carries; a system that has them must use its own.
	const startsAsItIs = spawnSync(executable, ["--version", "--no-sandbox"], { env }).status === 0;
	if (!startsAsItIs) env.LD_LIBRARY_PATH = join(folder, "al2023/lib");
	const options = launchOptions(executable);
	// The package has no sandbox helper, and many containers forbid what replaces it. Only our own pages are opened.
	return chromium.launch({ ...options, args: [...options.args, "--no-sandbox"], env });
}

/** Unpacks into the cache: by itself the package unpacks into the system's temporary folder, where users collide. */
async function unpackPinned(): Promise<string> {
	const packageFolder = join(root, "node_modules/@sparticuz/chromium");
	const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
	return cached(`chromium-${version}`, async (folder) => {
		const script = `
			import chromium, { inflate } from "@sparticuz/chromium";
			await chromium.executablePath();
			await inflate(${JSON.stringify(join(packageFolder, "bin/al2023.tar.br"))});`;
		const result = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
			cwd: root,
			env: { ...process.env, TMPDIR: folder },
			encoding: "utf8",
		});
		if (result.status !== 0) throw new Error(`unpacking Chromium: ${result.stderr}`);
		await writeFile(join(folder, "pinned-fonts.conf"), fontConfiguration(pinnedFonts));
		await writeFile(join(folder, "all-fonts.conf"), fontConfiguration(systemFonts + pinnedFonts));
	});
}

const pinnedFonts = '<dir prefix="relative">fonts/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir>';
const systemFonts = '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>';

function fontConfiguration(content: string): string {
	return `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>${content}</fontconfig>\n`;
}
