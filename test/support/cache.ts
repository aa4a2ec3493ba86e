// The per-user folder for large downloaded things, shared by every clone on the machine.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

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
	await removeAbandoned(folder);
	const unfinished = await mkdtemp(folder + unfinishedMark);
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

const unfinishedMark = ".unfinished-";
const abandonedAfterMilliseconds = 3_600_000;

/** What a process left that was killed while it filled a folder. */
async function removeAbandoned(folder: string): Promise<void> {
	const parent = dirname(folder);
	for (const name of await readdir(parent)) {
		if (!name.startsWith(basename(folder) + unfinishedMark)) continue;
		const path = join(parent, name);
		// Gone means that its owner has just finished.
		const filled = await stat(path).catch(() => null);
		if (filled !== null && Date.now() - filled.mtimeMs > abandonedAfterMilliseconds)
			await rm(path, { recursive: true, force: true });
	}
}
