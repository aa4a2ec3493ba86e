// Labelling in a real VS Code with keys and nothing else: twenty steps, a reference path with its coverage, an export.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildAll } from "../../scripts/support/bundles.ts";
import { copyExamples, openWorkbench, type Workbench } from "../support/workbench.ts";

const patience = { timeout: 30_000 };
let folder: string;
let workbench: Workbench;

beforeAll(async () => {
	await buildAll(false);
	folder = await mkdtemp(join(tmpdir(), "trajectory-labelling-"));
	const settings = { "trajectory.labels.annotator": "annotator-1" };
	const workspace = await copyExamples(folder);
	for (const other of ["atif", "coding-session"]) await rm(join(workspace, other), { recursive: true });
	workbench = await openWorkbench({ workspace, settings });
	// commands are offered once the extension is known
	await workbench.page.getByRole("tab", { name: "Trajectories", exact: true }).first().waitFor();
}, 180_000);

afterAll(async () => {
	await workbench?.close();
	if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Writes into the quick pick or input box that is open, waits for the answer to be offered and presses Enter. */
async function answer(text: string, offered = text, asked = ""): Promise<void> {
	const { page } = workbench;
	const box = page.locator(".quick-input-widget:visible", { hasText: asked });
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

/** Rollout and step under the cursor. */
const place = () => workbench.page.textContent(".monaco-breadcrumbs");
const PLACE = /broken-lamp-(\d)\.trajectory.*#(\d+)/;

/** Whether the cursor is on the last step of a rollout, all of which end with the agent. */
async function isLast(): Promise<boolean> {
	await expect.poll(place, patience).toMatch(PLACE);
	const [, trial, step] = PLACE.exec((await place()) ?? "") ?? [];
	const lines = (await readFile(join(workbench.workspace, "order-desk.jsonl"), "utf8")).split("\n");
	const { messages } = JSON.parse(lines[Number(trial)] ?? "{}");
	const steps = messages.filter(({ role }: { role: string }) => role !== "tool").length;
	return Number(step) === steps - 1;
}
const explorerRows = async () =>
	(await workbench.page.locator(".part.sidebar .monaco-list-row").allInnerTexts()).join("\n");

test("twenty steps are rated with one key each; each is saved, shown at its heading, and the next is gone to", async () => {
	const { page } = workbench;
	await palette("Trajectory: Go to Next Unlabelled Step");
	await page.waitForSelector(".monaco-editor.focused .view-line");
	await expect.poll(place, patience).toContain("agent");
	let more = 0;
	const given: number[] = [];
	while (given.length < 20) {
		const wrong = given.length % 5 === 4;
		const before = await place();
		const wasLast = await isLast();
		await page.keyboard.press(wrong ? "-" : "1");
		given.push(wrong ? -1 : 1);
		await expect.poll(savedRatings, patience).toEqual(given);
		await expect.poll(drawnAfterLines, patience).toContain(wrong ? "● −1" : "● +1");
		if (wasLast) {
			await page.keyboard.press("l");
			more++;
		}
		await expect.poll(place, patience).not.toBe(before);
	}
	// a rollout of the demo has five to nine steps, and going on to the next one is a key
	expect(more).toBeLessThanOrEqual(4);
}, 120_000);

test("a reference path is made of what the successes have in common; editing it changes the coverage on the list", async () => {
	const { page } = workbench;
	await palette("Trajectory: Make Reference Path...");
	// the pick between this rollout and the successful ones
	await answer("successful", "successful rollouts have in common");
	await page.locator(".tab.active", { hasText: "broken-lamp.json" }).waitFor();
	await palette("Trajectories: Focus on Rollouts View");
	await expect.poll(explorerRows, patience).toContain("order-desk.jsonl");
	// the keys go to the list only when it has rows
	await palette("Trajectories: Focus on Rollouts View");
	for (const [key, row] of [
		["Home", "order-desk"],
		["ArrowRight", "broken-lamp"],
		["ArrowDown", ""],
		["ArrowRight", "/7"],
	]) {
		await page.keyboard.press(key as string);
		await expect.poll(explorerRows, patience).toContain(row as string);
	}
	await expect.poll(explorerRows, patience).toContain("covers 100 %");
	await page.keyboard.press("Control+1");
	await page.keyboard.press("Control+Home");
	await page.keyboard.press("Control+f");
	await page.keyboard.type("customer-7@lamps.example");
	await page.keyboard.press("Escape");
	await page.keyboard.type("somebody-else");
	await page.keyboard.press("Control+s");
	await expect.poll(explorerRows, patience).toMatch(/broken-lamp\/01\.0 .*covers \d\d %/);
});

test("the labels are exported with a preview of the redaction, a split and a card", async () => {
	await palette("Trajectory: Export Labels as Data Set...");
	await answer("prm-rows");
	await answer("", "Take them out");
	await answer("train=0.5, test=0.5", "", "Split by task");
	await answer("", "", "Folder in which");
	const card = join(workbench.workspace, "prm-rows/README.md");
	await expect
		.poll(() => readFile(card, "utf8").catch(() => ""), patience)
		.toContain("16 rated +1, 0 rated 0, 4 rated -1");
	const rows = await Promise.all(
		["train", "test"].map((part) => readFile(join(workbench.workspace, `prm-rows/${part}.jsonl`), "utf8")),
	);
	expect(rows.join("").trim().split("\n")).toHaveLength(20);
	expect(rows.join("")).not.toContain("@lamps.example");
});

test("labels given before the window and its extension host start anew are kept, and the next ones saved with them", async () => {
	const before = await savedRatings();
	await Promise.all([workbench.page.waitForEvent("load"), palette("Developer: Reload Window")]);
	await workbench.page.getByRole("tab", { name: "Trajectories", exact: true }).first().waitFor();
	await palette("Trajectory: Go to Next Unlabelled Step");
	await workbench.page.waitForSelector(".monaco-editor.focused .view-line");
	await expect.poll(place, patience).toContain("agent");
	await workbench.page.keyboard.press("1");
	await expect.poll(savedRatings, patience).toEqual([...before, 1]);
}, 90_000);
