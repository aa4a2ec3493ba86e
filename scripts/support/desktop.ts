// The demo in the desktop VS Code, in a profile of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runCommand, stopOnSignal } from "../../test/support/processes.ts";
import { quietSettings } from "../../test/support/vscodeServer.ts";

/** The first settings of the demo, which then belong to whoever tries it: its README is the first thing to see. */
export const demoSettings = { ...quietSettings, "workbench.startupEditor": "readme" };

/**
 * The `code` on the PATH, if it can open a window here. The one that a remote window or WSL puts there only talks to
 * a VS Code elsewhere, which has no profile of ours.
 */
export function desktopCommand(environment: NodeJS.ProcessEnv = process.env): string | undefined {
	const isLinux = process.platform === "linux";
	const hasDisplay = Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
	const isElsewhere = Boolean(environment.VSCODE_IPC_HOOK_CLI || environment.WSL_DISTRO_NAME);
	if (isElsewhere || (isLinux && !hasDisplay)) return undefined;
	const name = process.platform === "win32" ? "code.cmd" : "code";
	const folders = (environment.PATH ?? "").split(delimiter);
	return folders.map((folder) => join(folder, name)).find(existsSync);
}

/**
 * Installs the package and opens the folder; ends when the window is closed, or closes it on Ctrl+C.
 * @param profile keeps settings and extensions from one start to the next
 * @returns the exit code of `code`
 */
export async function openInDesktop(command: string, profile: string, vsix: string, folder: string): Promise<number> {
	const userData = join(profile, "user");
	await writeFirstSettings(userData);
	const places = [`--user-data-dir=${userData}`, `--extensions-dir=${join(profile, "extensions")}`];
	const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
	const shell = process.platform === "win32";
	await runCommand(command, [...places, ...asRoot, "--install-extension", vsix, "--force"], {
		title: "installing the extension",
		shell,
	});
	const window = spawn(command, [...places, ...asRoot, "--new-window", "--wait", folder], { stdio: "inherit", shell });
	stopOnSignal(0, async () => {
		window.kill();
		closeDesktop(userData);
	});
	const [code] = await once(window, "exit");
	return code ?? 0;
}

async function writeFirstSettings(userData: string): Promise<void> {
	const file = join(userData, "User/settings.json");
	if (existsSync(file)) return;
	await mkdir(join(userData, "User"), { recursive: true });
	await writeFile(file, JSON.stringify(demoSettings, null, "\t"));
}

/** `code` only asks the real program, which leaves its process id in its profile. */
function closeDesktop(userData: string): void {
	const lock = join(userData, "code.lock");
	if (!existsSync(lock)) return;
	try {
		process.kill(Number(readFileSync(lock, "utf8")), "SIGTERM");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}
