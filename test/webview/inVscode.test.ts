// The tree in a real VS Code: one selection with the documents, growth while the log is written, the same view after a
// reload of the window.
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildAll } from "../../scripts/support/bundles.ts";
import { copyExamples, openWorkbench, type Workbench } from "../support/workbench.ts";

const patience = { timeout: 50_000 };
let folder: string;
let workbench: Workbench;

beforeAll(async () => {
	await buildAll(false);
	folder = await mkdtemp(join(tmpdir(), "trajectory-tree-"));
	workbench = await openWorkbench({ workspace: await copyExamples(folder) });
	const { page } = workbench;
	await page.getByRole("tab", { name: "Trajectories", exact: true }).first().click();
	const row = (text: string) => page.locator(".part.sidebar .monaco-list-row", { hasText: text }).first();
	await unfold(row("order-desk.jsonl"), row("Task broken-lamp"));
	await unfold(row("Task broken-lamp"), row("broken-lamp/3"));
	await row("broken-lamp/3").click();
	await page.waitForSelector(".monaco-editor .view-line");
	await workbench.runCommand("trajectory.showTree");
}, 180_000);

/** Clicks until the child shows: a click while the view is just being made anew is lost. */
async function unfold(parent: Locator, child: Locator): Promise<void> {
	const clicked = async () => {
		if (!(await child.isVisible())) await parent.click();
		await child.waitFor({ timeout: 1500 });
	};
	await vi.waitFor(clicked, patience);
}

afterAll(async () => {
	await workbench?.close();
	if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const tree = () => workbench.webview(".tree-view canvas");
const detail = async () => (await tree()).textContent(".detail h2");
const status = async () => (await tree()).textContent(".status");

test("a step that is selected in the tree is revealed in its document", async () => {
	const frame = await tree();
	await expect.poll(status, patience).toContain("8 rollouts");
	await frame.locator("[role=tree]").focus();
	await frame.locator("[role=tree]").press("Control+Home");
	for (const key of ["c", "a", "n", "c"]) await frame.locator("[role=tree]").press(key);
	await expect.poll(detail, patience).toBe("#5 cancel_order");
	const breadcrumbs = () => workbench.page.textContent(".monaco-breadcrumbs");
	await expect.poll(breadcrumbs, patience).toContain("#5 agent · cancel_order");
});

test("what is selected in the document is selected in the tree", async () => {
	await workbench.page.locator(".view-line", { hasText: "get_order" }).first().click();
	await expect.poll(detail, patience).toBe("#4 get_order");
});

test("an attempt that is written to the log appears in the tree", async () => {
	const messages = [
		{ role: "system", content: "You run the order desk of a lamp shop." },
		{ role: "user", content: "One of the two lamps arrived broken." },
		{ role: "assistant", content: "Sorry, I cannot help with that." },
	];
	const line = JSON.stringify({ task_id: "broken-lamp", trial: 8, reward: 0, messages });
	await appendFile(join(workbench.workspace, "order-desk.jsonl"), `${line}\n`);
	await expect.poll(status, patience).toContain("9 rollouts");
	expect(await detail()).toBe("#4 get_order");
});

test("after a reload of the window the tree shows the same view again", async () => {
	const frame = await tree();
	await frame.locator("[role=tree]").press("Space");
	await frame.locator("vscode-text-field").nth(1).locator("input").fill("lamp");
	const view = async () => {
		const shown = await tree();
		return {
			detail: await shown.textContent(".detail h2"),
			status: await shown.textContent(".status"),
			expanded: await shown.getAttribute("[role=treeitem][aria-selected=true]", "aria-expanded"),
		};
	};
	await expect.poll(view, patience).toMatchObject({ expanded: "false", status: expect.stringContaining("hit") });
	const before = await view();
	// a reload of the page around VS Code would not let it write its state down
	await Promise.all([workbench.page.waitForEvent("load"), workbench.runCommand("Developer: Reload Window")]);
	await expect.poll(view, patience).toEqual(before);
});
