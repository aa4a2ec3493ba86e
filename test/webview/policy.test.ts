// The page's document: it runs our script under a policy that forbids everything else, in every theme.
import { expect, test } from "vitest";
import { openPage } from "../support/pages.ts";
import { type ThemeName, themes } from "../support/workbench.ts";

test("the page's script and style sheet load under the policy", async () => {
	const { page } = await openPage();
	expect(await page.title()).toBe("Page under test");
});

test.each(Object.keys(themes) as ThemeName[])("the %s theme's colours reach the page", async (theme) => {
	const { page } = await openPage({ theme });
	const [text, background] = await page.evaluate(() => {
		const style = getComputedStyle(document.body);
		return [style.color, style.backgroundColor];
	});
	expect(text).toMatch(/^rgb/);
	expect(text).not.toBe(background);
});

test("scripts and handlers that stand in the page's content do not run", async () => {
	const { page, problems } = await openPage({ expectsProblems: true });
	await page.evaluate(() => {
		const script = document.createElement("script");
		script.textContent = "document.title = 'ran'";
		document.body.append(script);
		document.body.innerHTML += `<img src="x" onerror="document.title = 'ran'">`;
	});
	await expect.poll(() => problems.join()).toContain("inline script");
	await expect.poll(() => problems.join()).toContain("inline event handler");
	expect(await page.title()).toBe("Page under test");
});

test("the page can reach no other server", async () => {
	const { page, problems } = await openPage({ expectsProblems: true });
	const outcome = await page.evaluate(() =>
		fetch("https://elsewhere.test/").then(
			() => "reached",
			() => "refused",
		),
	);
	expect(outcome).toBe("refused");
	expect(problems.join()).toContain("Content Security Policy");
	expect(problems.join()).not.toContain("asked for");
});
