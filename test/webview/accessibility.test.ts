// The page for people who do not see it or do not use a mouse: axe in every scenario and theme, keys, names, tables.
import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { type ThemeName, themes } from "../support/workbench.ts";
import { atRest, openScenario, showView, viewsOf } from "./gallery.ts";

/** The largest groups differ from the others in nothing but size: one theme is enough for them. */
const GIANTS = ["large", "huge", "wide", "deep"];

/** What axe finds, as lines that say where. */
async function violations(page: Page): Promise<string[]> {
	const found = await page.evaluate(async () => {
		const { axe: inPage } = window as unknown as { axe: typeof axe };
		return (await inPage.run(document)).violations;
	});
	return found.flatMap(({ id, nodes }) =>
		nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
	);
}

async function show(page: Page, id: string): Promise<void> {
	await page.evaluate((scenario) => window.gallery.show(scenario), id);
	await page.waitForFunction(() => document.querySelector(".message p, .status:not(:empty)") !== null);
	await atRest(page);
}

describe.each(Object.keys(themes) as ThemeName[])("axe finds nothing in the %s theme", (theme) => {
	test("in any scenario, with a selected step", async () => {
		const { page } = await openScenario("demo", { theme });
		await page.evaluate(axe.source);
		const found: string[] = [];
		for (const id of await page.evaluate(() => window.gallery.scenarios)) {
			if (GIANTS.includes(id)) continue;
			await show(page, id);
			await page.evaluate(() => {
				const { model } = window.gallery.running!.page;
				if (model.group !== null && model.group.tree.parent.length > 2) model.selectNode(2);
			});
			await atRest(page);
			found.push(...(await violations(page)).map((line) => `${id}: ${line}`));
		}
		expect(found).toEqual([]);
	});

	test.each(["demo", "hostile"])("with the scenario %s as a table", async (id) => {
		const { page } = await openScenario(id, { theme });
		await page.evaluate(axe.source);
		await page.evaluate(() => {
			const { model } = window.gallery.running!.page;
			model.remember({ asTable: true });
			model.announce("view");
		});
		await atRest(page);
		expect(await violations(page)).toEqual([]);
	});

	test("in any view", async () => {
		const { page } = await openScenario("demo", { theme });
		await page.evaluate(axe.source);
		const found: string[] = [];
		for (const view of await viewsOf(page)) {
			await showView(page, view);
			found.push(...(await violations(page)).map((line) => `${view}: ${line}`));
		}
		expect(found).toEqual([]);
	});
});

test.each(GIANTS)("axe finds nothing in the scenario %s", async (id) => {
	const { page } = await openScenario(id);
	await page.evaluate(axe.source);
	expect(await violations(page)).toEqual([]);
});

describe("with the keyboard alone", () => {
	const active = (page: Page) =>
		page.evaluate(() => {
			const tree = document.querySelector("[role=tree]");
			const item = document.getElementById(tree?.getAttribute("aria-activedescendant") ?? "");
			return item === null ? null : { text: item.textContent ?? "", level: item.getAttribute("aria-level") };
		});

	test("the tree is one tab stop, and every part of the page is reached", async () => {
		const { page } = await openScenario("demo");
		const stops: string[] = [];
		for (let stop = 0; stop < 40; stop++) {
			await page.keyboard.press("Tab");
			stops.push(
				await page.evaluate(() => {
					const at = document.activeElement;
					return at === document.body ? "end" : (at?.getAttribute("role") ?? at?.tagName.toLowerCase() ?? "");
				}),
			);
			if (stops.at(-1) === "end") break;
		}
		expect(stops.filter((stop) => stop === "tree")).toHaveLength(1);
		expect(stops).toContain("vscode-text-field");
		expect(stops.at(-1)).toBe("end");
	});

	test("arrows walk steps and branches, Home and End the row, letters the tools", async () => {
		const { page } = await openScenario("demo");
		const press = async (...keys: string[]) => {
			for (const key of keys) await page.keyboard.press(key);
			await atRest(page);
			return active(page);
		};
		await page.locator("[role=tree]").focus();
		expect(await press()).toMatchObject({ level: "1" });
		expect((await press("ArrowRight", "ArrowRight", "ArrowRight"))?.text).toMatch(/^Step 3, find_customer/);
		expect((await press("ArrowDown"))?.text).toMatch(/^Step 3, list_orders.*7 rollouts, 2 solved/);
		expect((await press("End"))?.text).toMatch(/broken-lamp\/0 ends: solved · reward 1\.0/);
		expect((await press("Home"))?.text).toMatch(/^Step 2, find_customer/);
		expect((await press("c", "a", "n"))?.text).toMatch(/^Step 5, cancel_order/);
		expect((await press("Control+End"))?.text).toMatch(/^Step 7/);
		expect((await press("Control+Home"))?.text).toMatch(/^Step 0/);
		expect(await page.textContent(".detail h2")).toBe("#0 system");
	});

	test("space folds what follows a step and unfolds it, with the state told", async () => {
		const { page } = await openScenario("demo");
		await page.locator("[role=tree]").focus();
		for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
		const expanded = () => page.getAttribute("[role=treeitem][aria-selected=true]", "aria-expanded");
		const rows = () => page.evaluate(() => window.gallery.running!.page.model.layout!.rows);
		expect([await expanded(), await rows()]).toEqual(["true", 8]);
		await page.keyboard.press("Space");
		expect([await expanded(), await rows()]).toEqual(["false", 2]);
		await page.keyboard.press("ArrowRight");
		expect([await expanded(), await rows()]).toEqual(["true", 8]);
	});

	test("Enter opens the step in its document; plus and minus zoom; 0 fits, a point shows the selected branch", async () => {
		const { page } = await openScenario("demo");
		const scale = () => page.evaluate(() => window.gallery.running!.page.view.geometry()!.camera.kx);
		await page.locator("[role=tree]").focus();
		const fitted = await scale();
		await page.keyboard.press("+");
		expect(await scale()).toBeGreaterThan(fitted);
		await page.keyboard.press("0");
		expect(await scale()).toBe(fitted);
		for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "."]) await page.keyboard.press(key);
		expect(await scale()).toBeGreaterThan(fitted);
		for (const key of ["0", "Control+Home"]) await page.keyboard.press(key);
		await page.keyboard.press("ArrowRight");
		await page.keyboard.press("Enter");
		const acted = () => page.evaluate(() => window.gallery.running!.fixture.source.told.acted);
		await expect.poll(acted).toMatchObject([{ action: "open", step: 1 }]);
	});

	test("the pane beside the picture is widened with the arrows at its edge", async () => {
		const { page } = await openScenario("demo");
		const width = () => page.evaluate(() => document.querySelector(".detail")!.clientWidth);
		const before = await width();
		await page.getByRole("separator").focus();
		await page.keyboard.press("ArrowLeft");
		expect(await width()).toBe(before + 20);
	});

	test("charts follow arrows through the shared selection", async () => {
		const { page } = await openScenario("demo", { view: "matrix" });
		await page.locator(".chart:not([hidden]) .chart-keys").focus();
		await page.keyboard.press("ArrowDown");
		const first = await page.textContent(".detail h2");
		await page.keyboard.press("ArrowRight");
		await atRest(page);
		expect(await page.textContent(".detail h2")).not.toBe(first);
	});
});

test.each([
	["tree", "34 rows", ["#2", "find_customer", "1", "1", "1"]],
	["firstError", "5 rows", ["#5", "refund", "62 %", "refunds a lamp that nobody named"]],
	["matrix", "8 rows", ["broken-lamp/0", "38 %"]],
	["lanes", "65 rows", ["broken-lamp/0"]],
	["rewards", "8 rows", ["broken-lamp/0", "1"]],
	["transitions", "19 rows", ["system", "user", "8", "8", "3"]],
	["clusters", "5 rows", []],
	["history", "3 rows", ["step 100", "8", "1", "0.125"]],
])("the %s has a table twin with %s", async (view, count, cells) => {
	const { page } = await openScenario("demo", { view });
	await page.evaluate(() => {
		const { model } = window.gallery.running!.page;
		model.remember({ asTable: true });
		model.announce("view");
	});
	await atRest(page);
	const rows = await page.evaluate(() =>
		[...document.querySelectorAll(".table-twin tbody tr")].map((row) =>
			[...row.children].map((cell) => cell.textContent),
		),
	);
	expect(`${rows.length} rows`).toBe(count);
	expect(rows.some((row) => cells.every((cell, index) => row[index]?.startsWith(cell)))).toBe(true);
});

test("without reduced motion the camera moves in steps, with it at once", async () => {
	const moves = async (reducedMotion: boolean) => {
		const { page } = await openScenario("demo", { reducedMotion });
		return page.evaluate(async () => {
			const { view } = window.gallery.running!.page;
			const seen = new Set<number>();
			view.zoomBy(2);
			for (let frame = 0; frame < 20; frame++) {
				seen.add(view.geometry()!.camera.kx);
				await new Promise((resolve) => requestAnimationFrame(resolve));
			}
			return seen.size;
		});
	};
	expect(await moves(true)).toBe(1);
	expect(await moves(false)).toBeGreaterThan(2);
});
