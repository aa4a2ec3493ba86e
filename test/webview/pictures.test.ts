// The page looks as it did when somebody last looked: committed pictures, and, in any browser, where everything stands.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { comparePicture } from "../support/pictures.ts";
import type { ThemeName } from "../support/workbench.ts";
import { atRest, clickStep, openScenario, type ScenarioOptions } from "./gallery.ts";

const size = { width: 1000, height: 620 };

interface Picture extends ScenarioOptions {
	scenario: string;
	theme: ThemeName;
	/** Brings the page into the state that is photographed. */
	prepare?(page: Page): Promise<void>;
}

const select = (page: Page) => clickStep(page, 3, 5);

const PICTURES: Record<string, Picture> = {
	"demo-dark": { scenario: "demo", theme: "dark", prepare: select },
	"demo-light": { scenario: "demo", theme: "light", prepare: select },
	"demo-high-contrast-dark": { scenario: "demo", theme: "high-contrast-dark" },
	"demo-high-contrast-light": { scenario: "demo", theme: "high-contrast-light" },
	"boxes-dark": { scenario: "mixed-ends", theme: "dark" },
	"ribbons-dark": { scenario: "large", theme: "dark" },
	"beads-light": { scenario: "sixty-four", theme: "light" },
	"search-dark": { scenario: "demo", theme: "dark", prepare: (page) => set(page, "search", "policy") },
	"runs-light": { scenario: "demo", theme: "light", prepare: foldRuns },
	"advantage-dark": { scenario: "demo", theme: "dark", prepare: (page) => set(page, "setColour", "advantage:grpo") },
	"reference-light": { scenario: "reference", theme: "light", prepare: (page) => clickStep(page, 3, 6) },
	"first-error-light": { scenario: "demo", theme: "light", view: "firstError" },
	"probing-dark": { scenario: "probing", theme: "dark", view: "firstError" },
	"matrix-dark": { scenario: "demo", theme: "dark", view: "matrix" },
	"lanes-light": { scenario: "demo", theme: "light", view: "lanes" },
	"curve-dark": { scenario: "demo", theme: "dark", view: "curve" },
	"rewards-light": { scenario: "demo", theme: "light", view: "rewards" },
	"transitions-dark": { scenario: "demo", theme: "dark", view: "transitions" },
	"clusters-light": { scenario: "demo", theme: "light", view: "clusters" },
	"history-dark": { scenario: "demo", theme: "dark", view: "history" },
	"empty-dark": { scenario: "empty", theme: "dark" },
	"broken-light": { scenario: "broken", theme: "light" },
};

async function set(page: Page, setting: "search" | "setColour", value: string): Promise<void> {
	await page.evaluate(([name, given]) => window.gallery.running!.page.model[name!](given!), [setting, value] as const);
	await atRest(page);
}

async function foldRuns(page: Page): Promise<void> {
	await page.evaluate(() => {
		const { model } = window.gallery.running!.page;
		model.remember({ foldRuns: true });
		model.announce("view");
	});
	await atRest(page);
}

test.each(Object.keys(PICTURES))("%s looks as committed", async (name) => {
	const { scenario, prepare, ...options } = PICTURES[name] as Picture;
	const { page } = await openScenario(scenario, { ...options, size });
	await prepare?.(page);
	expect(await comparePicture(page, name)).toBeNull();
});

/** One line a row: where it begins and ends, in steps and pixels, and what stands at its end. */
function drawing(page: Page): Promise<string> {
	return page.evaluate(() => {
		const { view } = window.gallery.running!.page;
		const scene = view.scene()!;
		const { geometry } = scene;
		const { layout } = geometry;
		const lines = Array.from({ length: layout.rows }, (_, row) => {
			const nodes = [...layout.order.subarray(layout.rowFrom[row], layout.rowFrom[row + 1])];
			const steps = nodes.filter((node) => node !== 0).map((node) => scene.kind(node).slice(0, 2));
			const parent = geometry.rowParent(row);
			const indent = ".. ".repeat(parent === -1 ? 0 : geometry.tree.depth[parent]! + 1);
			const { strong, weak } = scene.caption(row);
			return `${String(Math.round(geometry.rowY(row))).padStart(3)}  ${indent}${steps.join(" ")}  ${strong} ${weak}`;
		});
		return `\n${lines.join("\n")}\n`;
	});
}

test("in every browser the demo group stands like this", async () => {
	const { page } = await openScenario("demo", { size });
	expect(await drawing(page)).toBe(`
 56  sy us fi fi fi re re sp us wr wr sp  1.0 …/4
100  .. .. fi fi re re sp us wr wr sp  1.0 …/0
144  .. .. .. .. .. .. .. .. .. sp  1.0 …/1
188  .. .. .. .. .. .. .. .. wr sp  0.0 …/7
232  .. .. .. .. .. .. wr sp  0.0 …/5
276  .. .. .. .. .. wr sp  0.0 …/2
320  .. .. .. .. .. wr sp  0.0 …/3
364  .. .. .. .. re re wr sp  0.0 …/6
`);
});
