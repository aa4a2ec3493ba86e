// Large downloads are kept once a user, and an interrupted one leaves nothing that looks finished.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cached, cacheFolder } from "../../support/cache.ts";

let home = "";

beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "cache-"));
	vi.stubEnv("XDG_CACHE_HOME", home);
});

afterEach(() => {
	vi.unstubAllEnvs();
	rmSync(home, { recursive: true, force: true });
});

const write = (text: string) => async (folder: string) => writeFileSync(join(folder, "content"), text);

test("a folder is filled once and found again", async () => {
	const first = await cached("tool-1", write("first"));
	const second = await cached("tool-1", () => Promise.reject(new Error("filled twice")));
	expect(second).toBe(first);
	expect(readFileSync(join(first, "content"), "utf8")).toBe("first");
});

test("two that fill it at the same time both get a whole folder", async () => {
	const folders = await Promise.all([cached("tool-1", write("one")), cached("tool-1", write("two"))]);
	expect(folders[0]).toBe(folders[1]);
	expect(readFileSync(join(folders[0], "content"), "utf8")).toMatch(/^(one|two)$/);
	expect(readdirSync(cacheFolder())).toEqual(["tool-1"]);
});

test("a failed download leaves nothing", async () => {
	const failing = cached("tool-1", async (folder) => {
		writeFileSync(join(folder, "half"), "");
		throw new Error("connection lost");
	});
	await expect(failing).rejects.toThrow("connection lost");
	expect(readdirSync(cacheFolder())).toEqual([]);
});

test("what a killed process left an hour ago is removed, what another one is filling is not", async () => {
	const old = join(cacheFolder(), "tool-1.unfinished-old");
	const running = join(cacheFolder(), "tool-1.unfinished-running");
	for (const folder of [old, running]) mkdirSync(folder, { recursive: true });
	const twoHoursAgo = new Date(Date.now() - 7_200_000);
	utimesSync(old, twoHoursAgo, twoHoursAgo);
	await cached("tool-1", write("whole"));
	expect(readdirSync(cacheFolder()).sort()).toEqual(["tool-1", "tool-1.unfinished-running"]);
});
