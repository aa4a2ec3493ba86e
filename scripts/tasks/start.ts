// npm start: builds the package, installs it into a VS Code of its own and opens the demo workspace there. Your own
// VS Code, its settings and its extensions stay as they are. `-- --port N` asks for the served VS Code on that port,
// `-- --no-open` opens no browser.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeDemo } from "../../examples/practice/src/commands.ts";
import { cacheFolder } from "../../test/support/cache.ts";
import { root } from "../../test/support/paths.ts";
import { stopOnSignal } from "../../test/support/processes.ts";
import { vscodeFolder } from "../../test/support/vscodeDownload.ts";
import { installVsix, startVscodeServer, writeUserSettings } from "../../test/support/vscodeServer.ts";
import { buildAll } from "../support/bundles.ts";
import { demoSettings, desktopCommand, openInDesktop } from "../support/desktop.ts";
import { ownTarget, packageVsix } from "../support/vsix.ts";

const { port, open } = readArguments();
/** Opened as it is, not a copy: a log that is put beside the examples appears at once. */
const workspace = join(root, "examples/workspace");
/** Settings and extensions of the demo, kept from one start to the next, apart for each clone. */
const profile = join(cacheFolder(), `demo-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`);

stopOnSignal(0);
await writeDemo();
console.log("Building and packaging the extension ...");
const { inputs } = await buildAll(true);
const { file: vsix } = await packageVsix(ownTarget(), inputs);
const desktop = port === undefined ? desktopCommand() : undefined;
if (desktop === undefined) await serve();
else {
	console.log(`Opening the demo workspace with ${desktop}. Close the window or press Ctrl+C to end.`);
	process.exitCode = await openInDesktop(desktop, join(profile, "desktop"), vsix, workspace);
}

async function serve(): Promise<void> {
	const dataFolder = join(profile, "server");
	await vscodeFolder();
	console.log("Installing the extension into it ...");
	await installVsix(dataFolder, vsix);
	if (!existsSync(join(dataFolder, "data/User/settings.json"))) await writeUserSettings(dataFolder, demoSettings);
	console.log("Starting VS Code ...");
	// Everything is trusted without a question: the folder is ours.
	const server = await startVscodeServer({ dataFolder, withToken: true, ...(port === undefined ? {} : { port }) });
	stopOnSignal(0, () => server.stop());
	const address = server.address({ folder: workspace });
	console.log(`\nThe demo workspace is open at\n\n  ${address}\n\nPress Ctrl+C to end it.`);
	if (open) openBrowser(address);
}

function openBrowser(address: string): void {
	const hasDisplay = process.platform !== "linux" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
	if (!hasDisplay) return;
	const openers: Partial<Record<NodeJS.Platform, string[]>> = {
		darwin: ["open", address],
		win32: ["rundll32", "url.dll,FileProtocolHandler", address],
	};
	const [command = "xdg-open", ...parameters] = openers[process.platform] ?? ["xdg-open", address];
	// Whoever has no opener has the printed address.
	spawn(command, parameters, { stdio: "ignore", detached: true })
		.on("error", () => {})
		.unref();
}

function readArguments(): { port: number | undefined; open: boolean } {
	const { values } = parseArgs({
		options: { port: { type: "string" }, open: { type: "boolean", default: true } },
		allowNegative: true,
	});
	const port = values.port === undefined ? undefined : Number(values.port);
	if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
		console.error(`--port takes a number from 0 to 65535, not ${values.port}`);
		process.exit(2);
	}
	return { port, open: values.open };
}
