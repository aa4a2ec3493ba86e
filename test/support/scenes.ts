// What `npm run photograph` takes pictures of: each scene brings a fresh workbench over the demo workspace into view.
import type { Workbench } from "./workbench.ts";

export const scenes: Readonly<Record<string, (workbench: Workbench) => Promise<void>>> = {
	explorer: showExplorer,
	document: async (workbench) => {
		await showExplorer(workbench);
		await clickRow(workbench, "broken-lamp/3");
	},
	tree: async (workbench) => {
		await openRollout(workbench, "broken-lamp/7");
		await workbench.runCommand("trajectory.showTree");
		const page = await workbench.webview("canvas, svg");
		await page.waitForSelector("canvas, svg");
		await workbench.page
			.getByRole("tab", { name: /broken-lamp-7/ })
			.first()
			.click();
		await workbench.runCommand("trajectory.firstError");
	},
	compare: async (workbench) => {
		await openRollout(workbench, "broken-lamp/3");
		await workbench.runCommand("trajectory.compareWithBest");
	},
	hover: async (workbench) => {
		await openRollout(workbench, "broken-lamp/7");
		await workbench.runCommand("trajectory.firstError");
		await workbench.runCommand("Show or Focus Hover");
	},
	attribution: (workbench) => showReport(workbench, "trajectory.showAttribution"),
	advantages: (workbench) => showReport(workbench, "trajectory.showAdvantages"),
	replay: async (workbench) => {
		await openRollout(workbench, "broken-lamp/7");
		await workbench.runCommand("trajectory.replayRecording");
		await workbench.page.waitForSelector(".debug-toolbar");
		await workbench.page.keyboard.press("F5");
	},
	raw: async (workbench) => {
		await showExplorer(workbench);
		await workbench.openFile("order-desk.jsonl");
	},
};

async function showReport(workbench: Workbench, command: string): Promise<void> {
	await openRollout(workbench, "broken-lamp/7");
	await workbench.runCommand(command);
	await workbench.page.getByRole("tab", { name: /trajectory-report/ }).waitFor();
}

async function openRollout(workbench: Workbench, id: string): Promise<void> {
	await showExplorer(workbench);
	await clickRow(workbench, id);
	await workbench.page.waitForSelector(".monaco-editor .view-line");
}

/** Opens the Trajectories view with its sources and tasks unfolded. */
async function showExplorer({ page }: Workbench): Promise<void> {
	await page.getByRole("tab", { name: "Trajectories", exact: true }).first().click();
	await clickRow({ page }, "order-desk.jsonl");
	await clickRow({ page }, "broken-lamp");
}

/** Clicks the row of the Trajectories view whose text holds `text`. */
async function clickRow({ page }: Pick<Workbench, "page">, text: string): Promise<void> {
	await page.locator(".part.sidebar .monaco-list-row", { hasText: text }).first().click();
}
