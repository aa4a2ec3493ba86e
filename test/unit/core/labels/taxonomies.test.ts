// The kinds of errors that annotators choose from: presets, and a person's own lists beside or instead of them.
import { expect, test } from "vitest";
import { TAXONOMIES, taxonomiesWith } from "../../../../src/core/labels/taxonomies.ts";

test("presets name every category once and say when to choose it", () => {
	expect(TAXONOMIES.map(({ id }) => id)).toEqual(["mast", "trail", "agentrx"]);
	for (const { categories } of TAXONOMIES) {
		expect(new Set(categories.map(({ id }) => id)).size).toBe(categories.length);
		expect(categories.filter(({ meaning }) => meaning === "")).toEqual([]);
	}
});

test("own lists come first and take the place of a preset with their id; what is no list is left out", () => {
	const own = {
		id: "mast",
		categories: [{ id: "rude", title: "Rude", meaning: "hurt the customer" }, { title: "nameless" }],
	};
	const found = taxonomiesWith([own, 7, { id: "empty", categories: [] }]);
	expect(found.map(({ id, title }) => [id, title])).toEqual([
		["mast", "mast"],
		["trail", "TRAIL"],
		["agentrx", "AgentRx"],
	]);
	expect(found[0]?.categories.map(({ id }) => id)).toEqual(["rude"]);
	expect(taxonomiesWith(null)).toEqual(TAXONOMIES);
});
