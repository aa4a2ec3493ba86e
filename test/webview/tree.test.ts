// The tree page over the product's own tree service, scenario by scenario.
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { atRest, clickStep, openScenario as open, type ScenarioOptions } from "./gallery.ts";

const openScenario = async (id: string, options?: ScenarioOptions) => (await open(id, options)).page;

const status = (page: Page) => page.textContent(".status");

describe("a group", () => {
	test("is named, counted and explained by the legend", async () => {
		const page = await openScenario("demo");
		expect(await page.textContent(".heading h1")).toBe("Task broken-lamp");
		expect(await page.textContent(".facts")).toBe("3/8 solved · pass@1 0.38 · pass@4 0.93 · mean reward 0.38");
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

	test("can be sorted again when it has grown, best branch on top", async () => {
		const page = await openScenario("live");
		const sort = page.getByRole("button", { name: "Sort siblings again" });
		expect(await sort.isVisible()).toBe(false);
		await expect.poll(() => status(page), { timeout: 10_000 }).toBe("8 rollouts · 73 steps in 34 nodes");
		const first = () =>
			page.evaluate(() => {
				const { model, view } = window.gallery.running!.page;
				return model.group === null ? "" : view.scene()!.caption(0).weak;
			});
		expect(await first()).not.toBe("…/4");
		await sort.click();
		expect(await first()).toBe("…/4");
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

	test("has buttons that ask the host to open, replay, rerun and label it and to copy a link to it", async () => {
		await clickStep(page, 3, 5);
		const actions = ["Open", "Replay", "Rerun", "Label", "Link"];
		for (const name of actions) await page.getByRole("button", { name, exact: true }).click();
		const acted = () => page.evaluate(() => window.gallery.running!.fixture.source.told.acted);
		const wanted = actions.map((name) => ({ action: name.toLowerCase(), rollout: "order-desk.jsonl#3", step: 5 }));
		await expect.poll(acted).toEqual(wanted);
	});

	test("is told to the host, and a selection made elsewhere is followed without an answer", async () => {
		const told = () => page.evaluate(() => window.gallery.running!.fixture.source.told.selected);
		await page.locator("[role=tree]").focus();
		await page.keyboard.press("ArrowRight");
		await expect.poll(async () => (await told()).at(-1)).toMatchObject({ step: 1 });
		const count = (await told()).length;
		await page.evaluate(() => {
			const { model } = window.gallery.running!.page;
			model.followSelection(model.rollout(2).key, 5);
		});
		expect(await page.textContent(".detail h2")).toMatch(/^#5 /);
		expect(await told()).toHaveLength(count);
	});
});

describe("what is hidden, found and filtered", () => {
	let page: Page;
	const rows = () => page.evaluate(() => window.gallery.running!.page.model.layout!.rows);
	const type = async (label: string, text: string) => {
		await page.getByRole("textbox", { name: label }).fill(text);
		await page.keyboard.press("Enter");
		await atRest(page);
	};
	beforeEach(async () => {
		page = await openScenario("demo");
	});

	test("solved rollouts can be hidden", async () => {
		await page.getByRole("button", { name: "Hide solved rollouts" }).click();
		expect(await rows()).toBe(5);
		expect(await status(page)).toBe("8 rollouts · 73 steps in 34 nodes · 3 hidden");
	});

	test("the filter language keeps rollouts; a broken filter says where it breaks and hides nothing", async () => {
		await type("Filter rollouts", 'any(step, tool = "cancel_order")');
		expect(await rows()).toBe(1);
		expect(await status(page)).toContain("7 hidden");
		await type("Filter rollouts", "steps >");
		expect(await page.getAttribute(".field.wrong", "title")).toMatch(/character \d/);
		await type("Filter rollouts", "");
		expect(await rows()).toBe(8);
	});

	test("a search marks its hits and steps from one to the next", async () => {
		await type("Search steps", "photo of the damage");
		expect(await status(page)).toContain("1 hit");
		await page.getByRole("button", { name: "Next hit" }).click();
		await expect.poll(() => page.textContent(".detail h2")).toBe("#8 return_item");
		await type("Search steps", "no such words");
		expect(await status(page)).toContain("0 hits");
	});

	test("levels can be folded away and unfolded again", async () => {
		const fold = page.getByRole("button", { name: "Fold one level in" });
		await fold.click();
		await fold.click();
		expect(await rows()).toBeLessThan(8);
		for (let level = 0; level < 3; level++) await page.getByRole("button", { name: "Unfold one level" }).click();
		expect(await rows()).toBe(8);
	});
});

describe("a page that comes back", () => {
	test("shows the same view, selection, folds, search and camera", async () => {
		const before = await open("demo");
		await clickStep(before.page, 6, 5);
		await before.page.evaluate(() => {
			const { model, view } = window.gallery.running!.page;
			model.setFolded([model.group!.tree.rollouts[0]!.start + 2], true);
			model.search("order");
			view.zoomBy(1.7);
		});
		const state = () => before.page.evaluate(() => window.gallery.running!.fixture.host.getState());
		await expect.poll(state).toMatchObject({ camera: { kx: expect.any(Number) }, search: "order" });
		const stored = await state();
		const again = await openScenario("demo", { stored });
		await atRest(again);
		expect(await again.textContent(".detail h2")).toBe("#5 get_order");
		const shown = await again.evaluate(() => {
			const { model, view } = window.gallery.running!.page;
			return {
				folded: [...model.folded].filter(Boolean).length,
				camera: view.geometry()!.camera,
				hits: model.hitNodes.length,
			};
		});
		expect(shown).toMatchObject({ folded: 1, camera: (stored as { camera: object }).camera });
		expect(shown.hits).toBeGreaterThan(3);
	});

	test.each([
		["nothing", undefined],
		["words", "tree"],
		["another version", { version: 99 }],
		["half a state", { version: 1, camera: {} }],
	])("after %s was stored begins anew", async (_, stored) => {
		const page = await openScenario("demo", { stored });
		expect(await status(page)).toBe("8 rollouts · 73 steps in 34 nodes");
	});

	test("for another group keeps neither its folds nor its camera", async () => {
		const stored = {
			version: 1,
			group: "another",
			view: "tree",
			merge: null,
			colour: null,
			camera: { x: -5000, y: -5000, kx: 3, ky: 3 },
			folded: [{ rollout: "order-desk.jsonl#0", step: 2 }],
			selected: { rollout: "order-desk.jsonl#0", step: 2 },
			search: "",
			filter: "",
			hideSolved: false,
			foldRuns: false,
			asTable: false,
			detailWidth: 340,
		};
		const page = await openScenario("demo", { stored });
		const { kx } = await page.evaluate(() => window.gallery.running!.page.view.geometry()!.camera);
		expect(kx).toBeGreaterThan(20);
		expect(await page.textContent(".detail")).toContain("Select a step");
	});
});

describe("another way to merge or to colour", () => {
	test("builds the tree anew and explains itself", async () => {
		const page = await openScenario("demo");
		await page.evaluate(() => window.gallery.running!.page.model.setColour("advantage:grpo"));
		await expect.poll(() => page.textContent(".legend")).toMatch(/advantage, GRPO.*−1\.21.*\+1\.21.*grey 0\.00/);
		await page.locator(".choice", { hasText: "merge by" }).locator("vscode-dropdown").click();
		await page.locator("vscode-option", { hasText: "tool only" }).first().click();
		await expect.poll(() => status(page)).toBe("8 rollouts · 73 steps in 32 nodes");
	});
});

test("numbers that no log holds colour the tree and stand beside the step; when others are known nothing moves", async () => {
	const page = await openScenario("reference", { view: "curve" });
	await page.evaluate(() => {
		const { model } = window.gallery.running!.page;
		model.setColour("model-score");
		model.selectNode(5);
	});
	await expect.poll(() => page.textContent(".legend")).toContain("score of the model");
	await expect.poll(() => page.textContent(".detail .numbers")).toMatch(/score of the model\d\.\d/);
	expect(await page.locator(".message").count()).toBe(0);
	const before = await page.evaluate(() => [...window.gallery.running!.page.model.layout!.rowOf]);
	await page.evaluate(() => {
		const [score] = window.gallery.running!.fixture.source.series();
		window.gallery.running!.fixture.source.give([{ ...score!, title: "score of another model", at: () => 0.125 }]);
	});
	await expect.poll(() => page.textContent(".legend")).toContain("score of another model");
	await expect.poll(() => page.textContent(".detail .numbers")).toMatch(/score of another model0\.13/);
	expect(await page.evaluate(() => [...window.gallery.running!.page.model.layout!.rowOf])).toEqual(before);
});

describe("a reference path", () => {
	test("is marked where it is covered; what the selected rollout misses stands after its end as ghosts", async () => {
		const page = await openScenario("reference");
		await clickStep(page, 3, 6);
		const seen = await page.evaluate(() => {
			const { model, view } = window.gallery.running!.page;
			return {
				covered: [...model.marks.values()].filter(({ kind }) => kind === "covered").length,
				ghosts: view.scene()!.ghosts?.titles,
			};
		});
		expect(seen).toEqual({ covered: 11, ghosts: ["get_policy", "refund", "send_message"] });
		expect(await page.textContent(".detail")).toContain(
			"Misses of the reference path get_policy, refund, send_message",
		);
	});
});

describe("exports", () => {
	const save = async (page: Page, title: string) => {
		await page.locator(".toolbar vscode-dropdown[aria-label=Export], .toolbar vscode-dropdown").last().click();
		await page.locator("vscode-option", { hasText: title }).last().click();
		const saved = () =>
			page.evaluate(() => {
				const last = window.gallery.running!.fixture.source.told.saved.at(-1);
				return last === undefined ? null : { name: last.name, bytes: [...last.content] };
			});
		await expect.poll(saved).not.toBeNull();
		const { name, bytes } = (await saved())!;
		return { name, content: Buffer.from(bytes) };
	};

	test("the SVG holds the whole tree with its words", async () => {
		const { name, content } = await save(await openScenario("demo"), "SVG picture");
		expect(name).toBe("broken-lamp.svg");
		const svg = content.toString();
		for (const words of ["cancel_order", "broken-lamp", "<path", "#11"]) expect(svg).toContain(words);
	});

	test("the PNG is a picture at twice the size", async () => {
		const { content } = await save(await openScenario("demo"), "PNG picture");
		expect(content.subarray(1, 4).toString()).toBe("PNG");
		expect(content.readUInt32BE(16)).toBeGreaterThan(2000);
	});

	test("the HTML report stands alone: no script, nothing to load, hostile text as text", async () => {
		// parsing the report in the page trips over the page's own policy, which forbids the report's style sheet
		const page = await openScenario("hostile", { expectsProblems: true });
		const { content } = await save(page, "HTML report");
		const read = await page.evaluate((html) => {
			const report = new DOMParser().parseFromString(html, "text/html");
			const loads = "script, img, link, iframe, object, embed, [src], [href], [onload], [onerror]";
			return { loads: report.querySelectorAll(loads).length, text: report.querySelector("h1")?.textContent };
		}, content.toString());
		expect(read).toEqual({ loads: 0, text: "Task <script>document.title = 'ran'</script>" });
	});
});
