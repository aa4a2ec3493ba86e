// Opens files and folders as one collection of rollouts: what the terminal program and the editor read logs through.
import path from "node:path";
import { DEFAULT_CHOICE, type FormatChoice } from "../core/formats/registry.ts";
import { type Group, groupKey, groupRollouts } from "../core/model/group.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { listFiles, type OpenedFile, readFile } from "./openSource.ts";

/** Files whose rollouts are kept in full between two calls of `readRollout`. */
const FILES_KEPT = 8;

export interface OpenLogs {
	/** Files in which a format was recognised, in the order of the paths; files that belong to another are left out. */
	files: OpenedFile[];
	/** Files found in folders that no format recognises. A file that was named itself is a problem instead. */
	unrecognised: string[];
	/** Files found in folders that are known to be no trajectories. One that was named itself has a notice instead. */
	notTrajectories: OpenedFile[];
	/** What could not be read, files and their parts, in order. */
	problems: Problem[];
	/** Rollouts of all files, in order. */
	summaries: RolloutSummary[];
	groups: Group[];
	/** The group of a rollout; a group of its own where it is no attempt at a task, as a sub-agent's. */
	groupOf(summary: RolloutSummary): Group;
	/** The rollout in full; null where it is not there any more. */
	readRollout(summary: RolloutSummary): Promise<Rollout | null>;
	/** All rollouts of a group in full, in its order. */
	readGroup(group: Group): Promise<Member[]>;
	/** Every rollout in full, one after the other. */
	readAll(): AsyncGenerator<Member>;
}

export interface Member {
	summary: RolloutSummary;
	rollout: Rollout;
}

/** Reads everything below `paths`. Never throws for what is in the files or for what the file system refuses. */
export async function openPaths(paths: string[], choice: FormatChoice = DEFAULT_CHOICE): Promise<OpenLogs> {
	const problems: Problem[] = [];
	const named = new Set(paths);
	const opened: OpenedFile[] = [];
	const claimed = new Set<string>();
	for (const file of await listFiles(paths, problems)) {
		// of a folder of events, each file claims all others: the first stands for the folder
		if (claimed.has(path.resolve(file))) continue;
		const { format, summaries, companions, problems: found } = await readFile(file, false, choice);
		for (const companion of companions) claimed.add(path.resolve(companion));
		opened.push({ file, format, summaries, companions, problems: found });
	}
	const own = opened.filter((file) => !claimed.has(path.resolve(file.file)));
	const notTrajectories = own.filter((file) => file.format?.notTrajectory === true && !named.has(file.file));
	const files = own.filter((file) => file.format !== null && !notTrajectories.includes(file));
	const strangers = own.filter((file) => file.format === null);
	const unrecognised = strangers.filter((file) => !named.has(file.file) && isForeign(file));
	const unreadable = strangers.filter((file) => !unrecognised.includes(file));
	for (const file of [...files, ...unreadable]) problems.push(...file.problems);
	return collectionOf(
		files,
		unrecognised.map((file) => file.file),
		notTrajectories,
		problems,
		choice,
	);
}

/** A folder of logs holds other things too: only what no format knows is passed over, never what cannot be read. */
function isForeign(file: OpenedFile): boolean {
	return file.problems.every((problem) => problem.reason === "no known trajectory format");
}

function collectionOf(
	files: OpenedFile[],
	unrecognised: string[],
	notTrajectories: OpenedFile[],
	problems: Problem[],
	choice: FormatChoice,
): OpenLogs {
	const summaries = files.flatMap((file) => file.summaries);
	const groups = groupRollouts(summaries);
	const byKey = new Map(groups.map((group) => [group.key, group]));
	const kept = new Map<string, Promise<Rollout[]>>();
	const readRollout = async (summary: RolloutSummary): Promise<Rollout | null> => {
		const reading = kept.get(summary.file) ?? readFile(summary.file, true, choice).then((read) => read.rollouts);
		kept.delete(summary.file);
		kept.set(summary.file, reading);
		const oldest = kept.keys().next();
		if (kept.size > FILES_KEPT && oldest.done !== true) kept.delete(oldest.value);
		return (await reading)[summary.ordinal] ?? null;
	};
	return {
		files,
		unrecognised,
		notTrajectories,
		problems,
		summaries,
		groups,
		groupOf: (summary) => {
			const key = groupKey(summary);
			const group = byKey.get(key);
			if (group?.rollouts.includes(summary)) return group;
			return { key, task: summary.task, run: summary.run, rollouts: [summary] };
		},
		readRollout,
		readGroup: async (group) => {
			const members: Member[] = [];
			for (const summary of group.rollouts) {
				const rollout = await readRollout(summary);
				if (rollout !== null) members.push({ summary, rollout });
			}
			return members;
		},
		readAll: async function* () {
			for (const summary of summaries) {
				const rollout = await readRollout(summary);
				if (rollout !== null) yield { summary, rollout };
			}
		},
	};
}
