// What npm installs: pinned, in step with the lock file, from the public registry, under licences that allow shipping.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/paths.ts";

interface LockEntry {
	readonly version: string;
	readonly license?: string;
	readonly integrity?: string;
	readonly resolved?: string;
	readonly dev?: boolean;
	readonly dependencies?: Record<string, string>;
	readonly devDependencies?: Record<string, string>;
}

const manifest = readJson("package.json") as Required<Pick<LockEntry, "version" | "dependencies" | "devDependencies">>;
const lock = readJson("package-lock.json") as { packages: Record<string, LockEntry> };
const installed = Object.entries(lock.packages).filter(([path]) => path !== "");

/** Licences whose conditions a list of names and texts in the package fulfils. */
const allowedLicences = new Set([
	"0BSD",
	"Apache-2.0",
	"BlueOak-1.0.0",
	"BSD-2-Clause",
	"BSD-3-Clause",
	"CC0-1.0",
	"CC-BY-4.0",
	"ISC",
	"MIT",
	"Python-2.0",
	"Unlicense",
]);

test("every dependency is pinned to one version", () => {
	const ranges = { ...manifest.dependencies, ...manifest.devDependencies };
	expect(Object.entries(ranges).filter(([, range]) => !/^\d+\.\d+\.\d+[\w.-]*$/.test(range))).toEqual([]);
});

test("the lock file is in step with package.json", () => {
	const locked = lock.packages[""];
	expect(locked?.version).toBe(manifest.version);
	expect(locked?.dependencies).toEqual(manifest.dependencies);
	expect(locked?.devDependencies).toEqual(manifest.devDependencies);
	for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
		expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
	}
});

test("the lock file pins contents and names no registry", () => {
	expect(installed.filter(([, entry]) => entry.integrity === undefined)).toEqual([]);
	expect(installed.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
});

test("every package that may be shipped has a licence that allows it", () => {
	const shipped = installed.filter(([, entry]) => entry.dev !== true);
	expect(
		shipped.filter(([, entry]) => !isAllowed(entry.license)).map(([path, { license }]) => `${path}: ${license}`),
	).toEqual([]);
});

/** "(A OR B)" needs one allowed licence. */
function isAllowed(licence = ""): boolean {
	const choices = licence.replace(/^\(|\)$/g, "").split(" OR ");
	return choices.some((choice) => allowedLicences.has(choice));
}

function readJson(file: string): unknown {
	return JSON.parse(readFileSync(join(root, file), "utf8"));
}
