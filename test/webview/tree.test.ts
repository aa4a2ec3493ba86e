// The tree page over the product's own tree service, scenario by scenario.
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import type {} from "../../webview/gallery/gallery.ts";
import { openPage, type PageOptions } from "../support/pages.ts";

const entry = "webview/gallery/main.ts";

async function openScenario(id: string, options: PageOptions = {}, state?: unknown): Promise<Page> {
	const { page } = await openPage({ entry, size: { width: 1280, height: 800 }, ...options });
	await page.evaluate(([scenario, stored]) => window.gallery.show(scenario as string, stored), [id, state] as const);
	await page.waitForFunction(
		() =>
			document.querySelector(".status")?.textContent !== "" ||
			document.querySelector(".message .button, .message p") !== null,
	);
	return page;
}

/** Clicks where the step of a rollout is drawn. */
async function clickStep(page: Page, rollout: number, step: number): Promise<void> {
	const position = await page.evaluate(
		([number, at]) => {
			const { model, view } = window.gallery.running!.page;
			const { tree } = model.group!;
			let node = tree.rollouts[number!]!.end;
			while (tree.depth[node]! > at!) node = tree.parent[node]!;
			const geometry = view.geometry()!;
			return { x: geometry.x(node), y: geometry.y(node) };
		},
		[rollout, step],
	);
	await page.locator(".tree-view canvas").click({ position });
}

const status = (page: Page) => page.textContent(".status");

describe("a group", () => {
	test("is named, counted and explained by the legend", async () => {
		const page = await openScenario("demo");
		expect(await page.textContent(".heading h1")).toBe("Task broken-lamp");
		expect(await page.textContent(".facts")).toBe("3/8 solved · mean reward 0.38");
		expect(await status(page)).toBe("8 rollouts · 73 steps in 34 nodes");
		await expect.poll(() => page.textContent(".legend")).toContain("success rate0 %100 %grey 38 %");
	});

	test("without attempts says what will appear", async () => {
		const page = await openScenario("empty");
		expect(await page.textContent(".message")).toContain("no rollouts yet");
	});

	test("that cannot be read says why and where", async () => {
		const page = await openScenario("broken");
		expect(await page.textContent("[role=alert]")).toContain("order-desk.jsonl:3: not a JSON value");
	});

	test("that vanishes while it is open is replaced by the reason", async () => {
		const page = await openScenario("vanished");
		await expect.poll(() => page.textContent(".message")).toContain("order-desk.jsonl is no longer there");
	});
});

describe("a group that is being written", () => {
	test("grows in place: nothing that was drawn moves to another row", async () => {
		const page = await openScenario("live");
		const rows = () =>
			page.evaluate(() => {
				const { model } = window.gallery.running!.page;
				return [...(model.layout?.rowOf ?? [])];
			});
		const before = await rows();
		await expect.poll(() => status(page), { timeout: 10_000 }).toBe("8 rollouts · 73 steps in 34 nodes");
		const after = await rows();
		const relative = (all: number[]) => before.map((_, node) => node).sort((a, b) => all[a]! - all[b]! || a - b);
		expect(relative(after)).toEqual(relative(before));
	});
});

describe("the selected step", () => {
	let page: Page;
	beforeEach(async () => {
		page = await openScenario("demo");
	});

	test("is read in the pane beside the tree, with what the others did at the same point", async () => {
		await clickStep(page, 3, 5);
		await expect.poll(() => page.textContent(".detail")).toContain("At this point");
		expect(await page.textContent(".detail h2")).toBe("#5 cancel_order");
		expect(await page.textContent(".breadcrumb [aria-current]")).toBe("#5 cancel_order");
		await expect
			.poll(() => page.locator(".choices tbody tr").allTextContents())
			.toEqual([
				'get_policy(topic: "damage")42/4',
				'refund(order: "W-2210", item: "lamp-a", amount: 49)10/1',
				'cancel_order(order: "W-2210")10/1',
			]);
	});

	test("is told to the host, and a selection made elsewhere is followed without an answer", async () => {
		const told = () => page.evaluate(() => window.gallery.running!.fixture.source.told.selected);
		await page.locator("[role=tree]").focus();
		await page.keyboard.press("ArrowRight");
		expect((await told()).at(-1)).toMatchObject({ step: 1 });
		const count = (await told()).length;
		await page.evaluate(() => {
			const { model } = window.gallery.running!.page;
			model.followSelection(model.rollout(2).key, 5);
		});
		expect(await page.textContent(".detail h2")).toMatch(/^#5 /);
		expect(await told()).toHaveLength(count);
	});
});
