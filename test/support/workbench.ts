// A whole VS Code with our extension in a browser, to be driven and photographed.
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { root } from "./paths.ts";
import { quietSettings, startVscodeServer, type VscodeServer, writeUserSettings } from "./vscodeServer.ts";

/** The themes in which pictures are taken, by the names that VS Code's setting and its list of themes use. */
export const themes = {
	dark: { setting: "Dark 2026", label: "Dark 2026" },
	light: { setting: "Light 2026", label: "Light 2026" },
	"high-contrast-dark": { setting: "Default High Contrast", label: "Dark High Contrast" },
	"high-contrast-light": { setting: "Default High Contrast Light", label: "Light High Contrast" },
} as const;

export type ThemeName = keyof typeof themes;

export interface WorkbenchOptions {
	/** Folder to open; by default a copy of the demo workspace that is thrown away afterwards. */
	readonly workspace?: string;
	readonly theme?: ThemeName;
	/** False opens the folder in Restricted Mode. */
	readonly trusted?: boolean;
	/** More user settings. */
	readonly settings?: Readonly<Record<string, unknown>>;
	/** Size of the window in CSS pixels. */
	readonly size?: { readonly width: number; readonly height: number };
	/** Device pixels a CSS pixel; 2 for pictures that people look at. */
	readonly scale?: number;
}

export interface Workbench {
	/** Playwright's page. */
	readonly page: Page;
	/** The folder that is open. */
	readonly workspace: string;
	/** Runs a command from the palette: an id out of our package.json, or the title that the palette shows. */
	runCommand(idOrTitle: string): Promise<void>;
	/** Opens a file of the workspace by its relative path. */
	openFile(path: string): Promise<void>;
	/** Changes the theme of the running window. */
	setTheme(theme: ThemeName): Promise<void>;
	/** The document inside the webview that shows `selector`, once it does. */
	webview(selector: string): Promise<Frame>;
	/** Saves a picture once nothing on the screen moves any more. */
	screenshot(file: string): Promise<void>;
	/** Ends browser and server and removes what they left. */
	close(): Promise<void>;
}

const waitMilliseconds = 10_000;
const lookAgainMilliseconds = 150;

/** Opens VS Code with the extension as it lies in dist/ (build first). Close it in a `finally`. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
	const temporary = await mkdtemp(join(tmpdir(), "trajectory-workbench-"));
	const undo = [() => rm(temporary, { recursive: true, force: true, maxRetries: 5 })];
	const close = async () => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		const dataFolder = join(temporary, "server");
		const workspace = options.workspace ?? (await copyExamples(temporary));
		await linkExtension(dataFolder);
		await writeUserSettings(dataFolder, {
			...quietSettings,
			"editor.cursorBlinking": "solid",
			"workbench.colorTheme": themes[options.theme ?? "dark"].setting,
			...options.settings,
		});
		const server = await startVscodeServer({ dataFolder, trusted: options.trusted ?? true });
		undo.push(() => server.stop());
		const browser = await launchChromium();
		undo.push(() => browser.close());
		const page = await openPage(browser, server, workspace, options);
		return {
			page,
			workspace,
			runCommand: (idOrTitle) => runCommand(page, idOrTitle),
			openFile: (path) => pick(page, path),
			setTheme: (theme) => setTheme(page, theme),
			webview: (selector) => findWebview(page, selector),
			screenshot: (file) => photographAtRest(page, file),
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

/** A copy of the demo workspace that a test may write to. */
export async function copyExamples(into: string): Promise<string> {
	const workspace = join(into, "workspace");
	await cp(join(root, "examples/workspace"), workspace, { recursive: true });
	return workspace;
}

/** As if installed, so that no "[Extension Development Host]" stands in the title, yet without packaging it. */
async function linkExtension(dataFolder: string): Promise<void> {
	const { publisher, name, version } = await readManifest();
	const extensions = join(dataFolder, "extensions");
	await mkdir(extensions, { recursive: true });
	await symlink(root, join(extensions, `${publisher}.${name}-${version}`), "junction");
}

async function openPage(
	browser: Browser,
	server: VscodeServer,
	folder: string,
	{ size = { width: 1400, height: 900 }, scale = 1 }: WorkbenchOptions,
): Promise<Page> {
	const page = await browser.newPage({ viewport: size, deviceScaleFactor: scale, reducedMotion: "reduce" });
	await page.goto(server.address({ folder }));
	await page.waitForSelector(".monaco-workbench .part.statusbar .statusbar-item");
	await page.waitForSelector(".monaco-workbench .part.sidebar .composite");
	return page;
}

async function runCommand(page: Page, idOrTitle: string): Promise<void> {
	const title = (await titleOf(idOrTitle)) ?? idOrTitle;
	await pick(page, `>${title}`, title);
}

async function setTheme(page: Page, theme: ThemeName): Promise<void> {
	const { label } = themes[theme];
	await runCommand(page, "Preferences: Color Theme");
	await answer(page, label, label);
}

/** Opens the quick pick and takes the answer with this label, or, without one, the first. */
async function pick(page: Page, text: string, label?: string): Promise<void> {
	await page.keyboard.press("F1");
	await answer(page, text, label);
}

/** @throws with what is offered instead when the quick pick lacks the answer */
async function answer(page: Page, text: string, label?: string): Promise<void> {
	await page.locator(".quick-input-widget .quick-input-box input").fill(text);
	const rows = page.locator(".quick-input-list .monaco-list-row");
	const wanted = label === undefined ? rows : rows.filter({ has: page.locator(".label-name", exactText(label)) });
	try {
		await wanted.first().click({ timeout: waitMilliseconds });
	} catch {
		const offered = (await rows.allInnerTexts()).map((row) => row.replaceAll("\n", " "));
		throw new Error(`the quick pick does not offer "${label ?? text}" but: ${offered.join(", ")}`);
	}
}

function exactText(text: string): { hasText: RegExp } {
	const literal = text.replace(/[^\w\s]/g, (character) => `\\${character}`);
	return { hasText: new RegExp(`^${literal}$`) };
}

/** "Category: Title" of a command that we contribute; undefined for any other text. */
async function titleOf(id: string): Promise<string | undefined> {
	const { contributes } = await readManifest();
	const command = contributes.commands?.find((candidate) => candidate.command === id);
	if (command === undefined) return undefined;
	const title = await localised(command.title);
	return command.category === undefined ? title : `${command.category}: ${title}`;
}

/** The text that stands for `%key%` in the manifest. */
async function localised(text: string): Promise<string> {
	const texts: Record<string, string> = JSON.parse(await readFile(join(root, "package.nls.json"), "utf8"));
	return texts[text.replaceAll("%", "")] ?? text;
}

interface Manifest {
	readonly publisher: string;
	readonly name: string;
	readonly version: string;
	readonly contributes: { readonly commands?: readonly { command: string; title: string; category?: string }[] };
}

async function readManifest(): Promise<Manifest> {
	return JSON.parse(await readFile(join(root, "package.json"), "utf8"));
}

async function findWebview(page: Page, selector: string): Promise<Frame> {
	const deadline = Date.now() + waitMilliseconds;
	while (Date.now() < deadline) {
		for (const frame of page.frames()) {
			const isWebview = frame !== page.mainFrame() && frame.parentFrame() !== page.mainFrame();
			if (isWebview && (await shows(frame, selector))) return frame;
		}
		await page.waitForTimeout(lookAgainMilliseconds);
	}
	throw new Error(`no webview shows ${selector}`);
}

/** A frame that is just being thrown away never answers: it is not waited for. */
async function shows(frame: Frame, selector: string): Promise<boolean> {
	const attached = frame.locator(selector).first().waitFor({ state: "attached", timeout: lookAgainMilliseconds });
	return attached.then(
		() => true,
		() => false,
	);
}

async function photographAtRest(page: Page, file: string): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	const deadline = Date.now() + waitMilliseconds;
	let before = await page.screenshot({ path: file });
	while (Date.now() < deadline) {
		await page.waitForTimeout(lookAgainMilliseconds);
		const now = await page.screenshot({ path: file });
		if (now.equals(before)) return;
		before = now;
	}
}
