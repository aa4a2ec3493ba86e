// Compares a page's picture with the committed one. Pictures are drawn by the pinned Chromium with its own fonts; another
// browser draws letters differently, so there only what does not depend on letters can be compared.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pixelmatch from "pixelmatch";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";
import { root } from "./paths.ts";

const pictures = join(root, "test/webview/pictures");
const failures = join(root, "test/webview/failures");
/** Pixels that may differ: rounding at the edges of shapes, far less than a letter. */
const TOLERATED = 12;

/** Whether this machine draws as the one did that the pictures come from. */
export function drawsAsCommitted(): boolean {
	return process.platform === "linux" && process.arch === "x64" && !process.env.TRAJECTORY_CHROMIUM;
}

/**
 * What is wrong with the page's picture; null where it is the committed one. A missing picture is wrong too, unless
 * UPDATE_PICTURES is set: then the picture is written.
 */
export async function comparePicture(page: Page, name: string): Promise<string | null> {
	if (!drawsAsCommitted()) return null;
	await page.mouse.move(0, 0);
	const actual = await page.screenshot();
	const file = join(pictures, `${name}.png`);
	if (process.env.UPDATE_PICTURES) {
		await save(file, actual);
		return null;
	}
	const committed = await readFile(file).catch(() => null);
	if (committed === null)
		return `test/webview/pictures/${name}.png is missing: look at it and commit it (UPDATE_PICTURES=1)`;
	const [is, was] = [PNG.sync.read(actual), PNG.sync.read(committed)];
	if (is.width !== was.width || is.height !== was.height) return `${name} has another size`;
	const difference = new PNG({ width: is.width, height: is.height });
	const different = pixelmatch(is.data, was.data, difference.data, is.width, is.height, { threshold: 0.1 });
	if (different <= TOLERATED) return null;
	await save(join(failures, `${name}-actual.png`), actual);
	await save(join(failures, `${name}-difference.png`), PNG.sync.write(difference));
	return `${name} differs in ${different} pixels: see test/webview/failures`;
}

async function save(file: string, content: Uint8Array): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, content);
}
