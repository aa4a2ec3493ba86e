// Labelling in a real VS Code with keys and nothing else: twenty steps, a reference path with its coverage, an export.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildAll } from "../../scripts/support/bundles.ts";
import { copyExamples, openWorkbench, type Workbench } from "../support/workbench.ts";

const patience = { timeout: 60_000 };
let folder: string;
let workbench: Workbench;

beforeAll(async () => {
	await buildAll(false);
	folder = await mkdtemp(join(tmpdir(), "trajectory-labelling-"));
	const settings = { "trajectory.labels.annotator": "annotator-1" };
	workbench = await openWorkbench({ workspace: await copyExamples(folder), settings });
	// commands are offered once the extension is known
	await workbench.page.getByRole("tab", { name: "Trajectories", exact: true }).first().waitFor();
}, 180_000);

afterAll(async () => {
	await workbench?.close();
	if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Writes into the quick pick or input box that is open, waits for the answer to be offered and presses Enter. */
async function answer(text: string, offered = text): Promise<void> {
	const { page } = workbench;
	const box = page.locator(".quick-input-widget:visible");
	await box.locator("input:visible").first().waitFor();
	if (text !== "") await page.keyboard.type(text);
	if (offered !== "") await box.locator(".monaco-list-row.focused", { hasText: offered }).waitFor();
	await page.keyboard.press("Enter");
}

async function palette(title: string): Promise<void> {
	await workbench.page.keyboard.press("F1");
	await answer(title);
}

async function savedRatings(): Promise<number[]> {
	const file = join(workbench.workspace, ".trajectory/labels/annotator-1.jsonl");
	const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
	return lines.map((line) => JSON.parse(line).change.rating);
}

/** What stands after the headings on the screen: drawn by style, so no part of the text. */
function drawnAfterLines(): Promise<string> {
	return workbench.page.evaluate(() =>
		[...document.querySelectorAll(".view-line span")]
			.map((span) => getComputedStyle(span, "::after").content)
			.filter((content) => content !== "none")
			.join("\n"),
	);
}

const breadcrumbs = () => workbench.page.textContent(".monaco-breadcrumbs");
const statusBar = () => workbench.page.textContent(".part.statusbar");

test("twenty steps are rated with one key each; each is saved, shown at its heading, and the next is gone to", async () => {
	const { page } = workbench;
	await palette("Trajectory: Go to Next Unlabelled Step");
	await page.waitForSelector(".monaco-editor.focused .view-line");
	await expect.poll(breadcrumbs, patience).toContain("agent");
	let more = 0;
	const given: number[] = [];
	while (given.length < 20) {
		if ((await statusBar())?.includes("That was the last step") === true) {
			await page.keyboard.press("l");
			more++;
			await expect.poll(statusBar, patience).not.toContain("That was the last step");
		}
		const wrong = given.length % 5 === 4;
		await page.keyboard.press(wrong ? "-" : "1");
		given.push(wrong ? -1 : 1);
		await expect.poll(savedRatings, patience).toEqual(given);
		await expect.poll(drawnAfterLines, patience).toContain(wrong ? "● −1" : "● +1");
	}
	// a rollout of the demo has five to nine steps, and going on to the next one is a key
	expect(more).toBeLessThanOrEqual(4);
});
