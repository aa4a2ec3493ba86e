// Text of logs is text, whatever it says; messages of wrong shapes harm nothing, whoever sends them.
import { describe, expect, test } from "vitest";
import { openPage } from "../support/pages.ts";
import { clickStep, openScenario, showView, viewsOf } from "./gallery.ts";

describe("markup, scripts, addresses, control characters and a word of a megabyte", () => {
	test("stay text in every view and its table, and no request leaves the page", async () => {
		const { page, problems } = await openScenario("hostile");
		await page.evaluate(() => {
			const { model } = window.gallery.running!.page;
			model.selectNode(2);
			model.hover(2);
		});
		for (const view of await viewsOf(page)) {
			for (const asTable of [false, true]) {
				await page.evaluate((shown) => window.gallery.running!.page.model.remember({ asTable: shown }), asTable);
				await showView(page, view);
				expect(await page.title()).toBe("Page under test");
				expect(await page.locator("script:not([src]), img, iframe, object, a[href]").count(), view).toBe(0);
				expect(problems).toEqual([]);
			}
		}
	});

	test("are shown as they are, control and direction characters made visible", async () => {
		const { page } = await openScenario("hostile");
		expect(await page.textContent(".heading h1")).toBe("Task <script>document.title = 'ran'</script>");
		await clickStep(page, 5, 1);
		await expect.poll(() => page.textContent(".detail")).toContain("\u241b[31mred");
		const detail = (await page.textContent(".detail")) ?? "";
		expect(detail).not.toMatch(/[\u0000\u001b\u202e]/);
		expect(detail).toMatch(/more characters in the document/);
	});

	test("do not slow the page down: a frame with them takes no longer than others", async () => {
		const { page } = await openScenario("hostile");
		await showView(page, "tree");
		const milliseconds = await page.evaluate(() => {
			const { view } = window.gallery.running!.page;
			const painted = view as unknown as { paint(): void };
			painted.paint();
			const started = performance.now();
			for (let frame = 0; frame < 10; frame++) painted.paint();
			return (performance.now() - started) / 10;
		});
		expect(milliseconds).toBeLessThan(50);
	});
});

describe("a host that talks nonsense", () => {
	const wrong = [
		undefined,
		null,
		"grown",
		{},
		{ kind: "notice" },
		{ kind: "notice", method: "grown", params: { generation: "1" } },
		{ kind: "notice", method: "__proto__", params: {} },
		{ kind: "answer", id: 1, ok: true, result: { generation: 1 } },
		{ kind: "answer", id: 999, ok: false },
	];

	test("is not believed: the page says what was wrong and can ask again", async () => {
		const { page, posted, send } = await openPage();
		await expect.poll(() => posted.length).toBe(1);
		expect(posted[0]).toMatchObject({ kind: "request", id: 1, method: "open", params: { merge: null } });
		for (const message of wrong) await send(message);
		await expect.poll(() => page.textContent(".message")).toContain("the answer to open has a wrong shape");
		await page.locator(".message vscode-button").click();
		await expect.poll(() => posted.length).toBe(2);
	});

	test("cannot make the page walk in circles: columns that form no tree are refused", async () => {
		const { page } = await openScenario("demo");
		const errors = await page.evaluate(() => {
			const { model } = window.gallery.running!.page;
			const parent = model.group!.tree.parent;
			return [parent.length, parent[0]];
		});
		expect(errors[1]).toBe(-1);
		const growth = {
			generation: 1,
			sequence: 1,
			from: 35,
			names: { texts: [], kinds: [] },
			nodes: { parent: [36], depth: [3], origin: [0], name: [0], flags: [0] },
			rollouts: {},
		};
		const opens = () => page.evaluate(() => window.gallery.running!.page.model.group!.about.generation);
		const before = await opens();
		await page.evaluate((given) => {
			const { fixture } = window.gallery.running!;
			fixture.send({
				kind: "notice",
				method: "grown",
				params: {
					...given,
					nodes: {
						parent: Int32Array.from(given.nodes.parent).buffer,
						depth: Int32Array.from(given.nodes.depth).buffer,
						origin: Int32Array.from(given.nodes.origin).buffer,
						name: Int32Array.from(given.nodes.name).buffer,
						flags: Uint8Array.from(given.nodes.flags).buffer,
					},
					rollouts: {
						numbers: new ArrayBuffer(0),
						keys: [],
						ids: [],
						start: new ArrayBuffer(0),
						end: new ArrayBuffer(0),
						offset: new ArrayBuffer(0),
						steps: new ArrayBuffer(0),
						outcome: new ArrayBuffer(0),
						reward: new ArrayBuffer(0),
						relation: new ArrayBuffer(0),
						truncated: new ArrayBuffer(0),
					},
				},
			});
		}, growth);
		// a growth that does not fit makes the page ask for the whole tree again
		await expect.poll(opens).toBe(before + 1);
		expect(await page.textContent(".status")).toBe("8 rollouts · 73 steps in 34 nodes");
	});
});
