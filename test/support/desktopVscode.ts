// Runs an extension suite in a desktop VS Code: the executable in VSCODE_EXECUTABLE, else one that is downloaded.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from "@vscode/test-electron";
import { cacheFolder } from "./cache.ts";
import type { Launcher } from "./extensionTests.ts";
import { runCommand } from "./processes.ts";
import { quietSettings } from "./vscodeServer.ts";

/** The desktop edition of the version that the served tests run in. */
const version = "1.139.1";

/** @throws when VS Code can be neither found nor downloaded */
export const launchDesktop: Launcher = async (launch) => {
	const executable =
		process.env.VSCODE_EXECUTABLE ??
		(await downloadAndUnzipVSCode({ version, cachePath: join(cacheFolder(), "desktop") }));
	const userData = join(launch.temporary, "user");
	const profile = [`--user-data-dir=${userData}`, `--extensions-dir=${join(launch.temporary, "extensions")}`];
	await mkdir(join(userData, "User"), { recursive: true });
	await writeFile(join(userData, "User/settings.json"), JSON.stringify(quietSettings));
	if (launch.vsix !== undefined) await install(executable, [...profile, "--install-extension", launch.vsix]);
	await runTests({
		vscodeExecutablePath: executable,
		extensionDevelopmentPath: launch.developmentPath,
		extensionTestsPath: launch.testsPath,
		extensionTestsEnv: launch.environment,
		launchArgs: [launch.workspace, ...profile],
	});
};

async function install(executable: string, parameters: string[]): Promise<void> {
	const [command = executable, ...first] = resolveCliArgsFromVSCodeExecutablePath(executable, {
		reuseMachineInstall: true,
	});
	await runCommand(command, [...first, ...parameters], {
		title: "installing the extension",
		shell: process.platform === "win32",
	});
}
