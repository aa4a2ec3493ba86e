// The per-user folder for large downloaded things, shared by every clone on the machine.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export function cacheFolder(): string {
	return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "trajectory-debugger");
}

/**
 * The cached folder `name`, made by `fill` when it is not there. It is filled under another name and renamed when
 * complete, so an interrupted download leaves nothing that looks finished, and two processes at once both succeed.
 * @param name carries every version that its content depends on
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
	const folder = join(cacheFolder(), name);
	if (existsSync(folder)) return folder;
	await mkdir(dirname(folder), { recursive: true });
	const unfinished = await mkdtemp(`${folder}.unfinished-`);
	try {
		await fill(unfinished);
		await rename(unfinished, folder);
	} catch (error) {
		await rm(unfinished, { recursive: true, force: true });
		// Another process may have finished first; its folder is as good as ours.
		if (!existsSync(folder)) throw error;
	}
	return folder;
}
