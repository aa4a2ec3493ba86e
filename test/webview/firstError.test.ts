// The "First error" view: what it says, verdicts by keys and buttons, and a search that grows while one looks.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { atRest, openScenario } from "./gallery.ts";

const view = "firstError";

const text = (page: Page, selector: string) => page.locator(selector).first().innerText();
const told = (page: Page) => page.evaluate(() => window.gallery.running!.fixture.source.told);

async function press(page: Page, ...keys: string[]): Promise<void> {
	await page.locator(".chart:not([hidden]) .chart-keys").focus();
	for (const key of keys) await page.keyboard.press(key);
	await atRest(page);
}

/** Selects a step of a rollout, as a click in the tree does. */
async function select(page: Page, id: string, step: number): Promise<void> {
	await page.evaluate(
		([wanted, at]) => {
			const { model } = window.gallery.running!.page;
			const { tree } = model.group!;
			const rollout = tree.rollouts.findIndex((entry) => entry.id === wanted);
			let node = tree.rollouts[rollout]!.end;
			while (tree.depth[node]! > (at as number)) node = tree.parent[node]!;
			model.select({ rollout, node });
		},
		[id, step] as const,
	);
	await atRest(page);
}

test("shows the suggested step with its probability, the set, evidence with quotes and where they stand", async () => {
	const { page } = await openScenario("demo", { view });
	expect(await text(page, ".verdict h2")).toBe("broken-lamp/2 · first wrong step #5 refund, 62 %");
	expect(await text(page, ".verdict p")).toContain("90 % set: #5, #4, #6.");
	expect(await text(page, ".ranked.suggested")).toMatch(
		/#5 refund\s+62 %\s+refunds a lamp that nobody named strength 0\.80\s+.?refund\(.*order-desk\.jsonl:3/s,
	);
});

test("a quote leads to its step, and the view follows the rollout that is selected", async () => {
	const { page } = await openScenario("demo", { view });
	await page.locator("blockquote .link", { hasText: "#4" }).click();
	await atRest(page);
	expect(await page.textContent(".detail h2")).toMatch(/^#4 get_order/);
	await select(page, "broken-lamp/7", 5);
	expect(await text(page, ".verdict h2")).toContain("broken-lamp/7 · first wrong step #8");
	await select(page, "broken-lamp/0", 3);
	expect(await text(page, ".verdict h2")).toContain("No first wrong step suggested: not enough evidence");
});

test("y confirms, m moves to the selected step, n says none; each becomes a label of the chosen meaning", async () => {
	const { page } = await openScenario("demo", { view });
	await press(page, "y");
	expect(await text(page, ".verdict h2")).toBe("broken-lamp/2 · first wrong step #5 refund, says annotator-1");
	expect(await text(page, ".verdict p")).toContain("Suggested was: #5 refund, 62 %.");
	expect(await text(page, ".first-error-text")).toContain("annotator-1 (you): #5");
	await select(page, "broken-lamp/2", 4);
	await press(page, "m");
	expect(await text(page, ".first-error-text")).toContain("annotator-1 (you): #4");
	await page.locator("[data-key=n]").click();
	await expect.poll(() => text(page, ".first-error-text")).toContain("annotator-1 (you): none");
	const { verdicts } = await told(page);
	expect(verdicts.map(({ verdict, step, target }) => [verdict, step, target])).toEqual([
		["step", 5, "firstWrong"],
		["step", 4, "firstWrong"],
		["none", null, "firstWrong"],
	]);
});

test("the place of a quote opens the log there", async () => {
	const { page } = await openScenario("demo", { view });
	await page.locator("blockquote .place", { hasText: "order-desk.jsonl:3" }).last().click();
	await expect.poll(async () => (await told(page)).acted).toMatchObject([{ action: "bytes", step: 4 }]);
});

test("p asks the host to probe; nothing else happens in the page", async () => {
	const { page } = await openScenario("demo", { view });
	await press(page, "p");
	expect((await told(page)).acted).toEqual([{ action: "probe", rollout: "order-desk.jsonl#2", step: null }]);
});

test("arrows walk the steps of the strip", async () => {
	const { page } = await openScenario("demo", { view });
	await select(page, "broken-lamp/2", 3);
	await press(page, "ArrowRight", "ArrowRight");
	expect(await page.textContent(".detail h2")).toMatch(/^#5 refund/);
});

test("a search is seen as it grows: tries, running prefixes, belief, and its verdict at the end", async () => {
	const { page } = await openScenario("probing", { view });
	expect(await text(page, ".probing h3")).toBe("Probing · adaptive search · running, 14 of 32");
	expect(await text(page, ".probe-verdict")).toBe("unresolved: #5, or only the last step #6 (95 %)");
	expect(await page.locator("[data-key=p]").count()).toBe(0);
	await page.evaluate(() => {
		const tries = [
			[2, 4, 0],
			[3, 6, 0],
			[4, 0, 9],
		] as const;
		const title = "#5 is the first irrecoverable step (97 %)";
		const belief = [0, 0, 0.01, 0.97, 0.02];
		const probe = { tries, running: [], ended: "done", title, belief } as const;
		window.gallery.running!.fixture.source.putProbe("broken-lamp/2", probe);
	});
	await expect.poll(() => text(page, ".probe-verdict")).toBe("#5 is the first irrecoverable step (97 %)");
	expect(await text(page, ".probing h3")).toBe("Probing · adaptive search");
	expect(await page.locator("[data-key=p]").count()).toBe(1);
});
