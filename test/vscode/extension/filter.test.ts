// Filtering and sorting the explorer.
import assert from "node:assert/strict";
import { test } from "../registry.ts";
import { explorerText, extensionApi, rolloutNamed } from "../support.ts";

async function rolloutRows(): Promise<string[]> {
	return (await explorerText()).flatMap((line) => /broken-lamp\/\d/.exec(line) ?? []);
}

test("a filter keeps matching rollouts and says how many it could not judge", async () => {
	const { filter } = await extensionApi();
	await rolloutNamed("broken-lamp/7");
	assert.equal(await filter.setFilter('reward < 1 and any(step, tool = "refund")'), true);
	try {
		assert.deepEqual(await rolloutRows(), ["broken-lamp/2", "broken-lamp/5", "broken-lamp/6"]);
		await filter.setFilter("reward < 1");
		assert.match(filter.message, /^reward < 1: 5 of \d+ rollouts; \d+ could not be judged$/);
	} finally {
		await filter.setFilter("");
	}
	assert.equal((await rolloutRows()).length, 8);
});

test("a broken filter changes nothing", async () => {
	const { filter } = await extensionApi();
	assert.equal(await filter.setFilter("reward < "), false);
	assert.equal((await rolloutRows()).length, 8);
});

test("rollouts are sorted by first error, those without one last", async () => {
	const { filter } = await extensionApi();
	await filter.setSort("firstError");
	try {
		const rows = (await explorerText()).filter((line) => /broken-lamp\/\d/.test(line));
		const steps = rows.map((row) => Number(/first error #(\d+)/.exec(row)?.[1] ?? Number.POSITIVE_INFINITY));
		assert.ok(steps.filter(Number.isFinite).length > 1, rows.join("\n"));
		assert.deepEqual(
			steps,
			steps.toSorted((a, b) => a - b),
		);
	} finally {
		await filter.setSort("log");
	}
});
