// `npm start` uses a desktop VS Code only where its window can be opened in a profile of its own.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { desktopCommand } from "../../../scripts/support/desktop.ts";

const name = process.platform === "win32" ? "code.cmd" : "code";
let folder = "";

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "desktop-"));
	writeFileSync(join(folder, name), "");
	chmodSync(join(folder, name), 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the code on the PATH is taken", () => {
	expect(desktopCommand({ PATH: folder, DISPLAY: ":0" })).toBe(join(folder, name));
});

test("without one there is none", () => {
	expect(desktopCommand({ PATH: tmpdir(), DISPLAY: ":0" })).toBeUndefined();
});

test("the code of a remote window or of WSL is not a desktop", () => {
	expect(desktopCommand({ PATH: folder, DISPLAY: ":0", VSCODE_IPC_HOOK_CLI: "/tmp/socket" })).toBeUndefined();
	expect(desktopCommand({ PATH: folder, DISPLAY: ":0", WSL_DISTRO_NAME: "Debian" })).toBeUndefined();
});

test.runIf(process.platform === "linux")("on Linux a window needs a display", () => {
	expect(desktopCommand({ PATH: folder })).toBeUndefined();
	expect(desktopCommand({ PATH: folder, WAYLAND_DISPLAY: "wayland-0" })).toBe(join(folder, name));
});
