// Our own store of continuations: one JSON Lines file a rerun, in OpenAI messages with our fields (docs/replay.md).
import { mkdir } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { JsonObject } from "../core/model/json.ts";
import type { ToolSchema } from "../core/model/trajectory.ts";
import { type ChatMessage, chatTools } from "../core/rerun/chat.ts";

export const STORE_FOLDER = path.join(".trajectory", "rollouts");

export interface StoredRollout {
	id: string;
	task: string;
	run: string;
	parent: string;
	/** 0-based step of the parent after which this one begins; -1 where it shares none. */
	branchStep: number;
	/** Messages that both share. */
	branchMessage: number;
	model: string;
	messages: ChatMessage[];
	tools: readonly ToolSchema[];
	reference: string | null;
	reward: number | null;
	components: Record<string, number>;
	/** `running`, or why it ended. */
	ending: string;
	/** It ended by a limit, an outer failure or by hand: its outcome is not the agent's. */
	truncated: boolean;
	/** What was asked for: edit, sampling, other side, verifier, fidelity. */
	rerun: JsonObject;
}

function record(rollout: StoredRollout): string {
	const { reward, reference } = rollout;
	return JSON.stringify({
		rollout_id: rollout.id,
		task_id: rollout.task,
		run: rollout.run,
		parent_rollout: rollout.parent,
		branch_step: rollout.branchStep,
		branch_message: rollout.branchMessage,
		model: rollout.model,
		...(reward === null ? {} : { reward }),
		...(Object.keys(rollout.components).length === 0 ? {} : { rewards: rollout.components }),
		...(reference === null ? {} : { ground_truth: reference }),
		stop_reason: rollout.ending,
		...(rollout.truncated ? { truncated: true } : {}),
		messages: rollout.messages,
		...(rollout.tools.length === 0 ? {} : { tools: chatTools(rollout.tools) }),
		rerun: rollout.rerun,
	});
}

export interface RolloutStore {
	file: string;
	/** Writes the rollouts as they are now; while a write is under way, only the latest state waits for its turn. */
	save(): void;
	/** Resolves when everything is written; the reason where the last write failed. What was written before stays. */
	settled(): Promise<string | null>;
}

/** @param changed called after each write */
export function openStore(file: string, rollouts: readonly StoredRollout[], changed: () => void): RolloutStore {
	let writing: Promise<void> | null = null;
	let dirty = false;
	let problem: string | null = null;
	const write = async (): Promise<void> => {
		await mkdir(path.dirname(file), { recursive: true });
		while (dirty) {
			dirty = false;
			// a whole file, put in place at once: a full disk leaves the state before
			await writeFileAtomic(file, rollouts.map((rollout) => `${record(rollout)}\n`).join(""));
			problem = null;
			changed();
		}
	};
	const start = (): void => {
		writing ??= write()
			.catch((error: unknown) => {
				problem = error instanceof Error ? error.message : String(error);
			})
			.finally(() => {
				writing = null;
			});
	};
	return {
		file,
		save: () => {
			dirty = true;
			start();
		},
		settled: async () => {
			while (writing !== null) await writing;
			return problem;
		},
	};
}
