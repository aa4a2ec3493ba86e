// Rollouts in any number, reproducible by seed: groups of k, branches of a prefix, failures of a wanted difficulty.
import type { Selection } from "../world/kinds.ts";
import { type Message, stateOf } from "../world/messages.ts";
import { childSeed, hashText } from "../world/random.ts";
import { playRollout } from "../world/rollout.ts";
import { policyFor, type Skill } from "../world/skill.ts";
import { succeeded } from "../world/state.ts";
import type { Task } from "../world/tasks.ts";
import { truthOf, walkSteps } from "../world/truth.ts";
import { ValueGraph } from "../world/values.ts";
import { type LiveOptions, recordLive } from "./live.ts";
import { modelName, PLAIN_SWITCHES, type RolloutRecord, type Switches, type TruthRecord, toRecord } from "./records.ts";

export interface GenerateOptions {
	seed: number;
	skill: Skill;
	/** Kinds of slips and oddities that happen. */
	slips: Selection;
	switches: Switches;
	/** Steps allowed; each task's own number where it is left out. */
	budget?: number;
	temperature?: number;
}

export const DEFAULT_OPTIONS: GenerateOptions = { seed: 1, skill: "middle", slips: "all", switches: PLAIN_SWITCHES };

export interface Generated {
	record: RolloutRecord;
	truth: TruthRecord;
}

/** Seeds of held-out kinds come from another range, so that no held-out rollout was seen while developing. */
const HELD_OUT_SEEDS = 0x40000000;

function seedOf({ seed, slips }: GenerateOptions, task: Task, trial: number): number {
	const own = childSeed(seed ^ hashText(task.id), trial) & 0x3fffffff;
	return slips === "held-out" ? own + HELD_OUT_SEEDS : own;
}

/** Plays rollouts of one task, with its exact values kept between them. */
export class TaskRecorder {
	readonly task: Task;
	readonly options: GenerateOptions;
	readonly graph: ValueGraph;

	constructor(task: Task, options: GenerateOptions) {
		this.task = task;
		this.options = options;
		this.graph = new ValueGraph(task, policyFor(task, options), options.switches);
	}

	/** Trial number `trial`; null where `wanted` rejects it by its success, before the truth is worked out. */
	play(trial: number, wanted: (success: boolean) => boolean = () => true): Generated | null {
		const seed = seedOf(this.options, this.task, trial);
		return this.record({ trial, seed, id: `${this.task.id}/${trial}` }, undefined, wanted);
	}

	/** Continuation number `number` of the first `shared` messages of a rollout, which may have been edited. */
	branch(parent: Pick<RolloutRecord, "rollout_id" | "trial" | "messages">, shared: number, number: number): Generated {
		const prefix = parent.messages.slice(0, shared);
		const seed = seedOf(this.options, this.task, hashText(`${parent.rollout_id} ${shared} ${number}`));
		const id = `${parent.rollout_id}@${shared}.${number}`;
		const generated = this.record({ trial: parent.trial, seed, id }, prefix)!;
		generated.record.parent_rollout = parent.rollout_id;
		generated.record.branch_message = shared;
		generated.record.branch_step = prefix.filter((message) => message.role === "assistant").length;
		return generated;
	}

	private record(
		{ trial, seed, id }: { trial: number; seed: number; id: string },
		prefix?: Message[],
		wanted: (success: boolean) => boolean = () => true,
	): Generated | null {
		const { task, options, graph } = this;
		const { skill, slips, switches, budget } = options;
		const rollout = playRollout({
			task,
			policy: graph.policy,
			seed,
			switches,
			...(budget === undefined ? {} : { budget }),
			...(prefix === undefined ? {} : { prefix }),
		});
		const success = succeeded(task, rollout.state.desk, rollout.state.talk);
		if (!wanted(success)) return null;
		const record = toRecord({ task, trial, id, seed, skill, slips, switches }, rollout);
		const before = rollout.messages.filter((message) => message.role === "assistant").length - rollout.motives.length;
		const motives = before === 0 ? rollout.motives : [];
		const truth = truthOf(graph, walkSteps(graph, rollout.messages, motives), rollout.messages.length, success);
		return { record, truth: { task_id: task.id, trial, rollout_id: id, skill, slips_from: slips, ...truth } };
	}
}

/**
 * `k` rollouts of every task, task by task, played by the served parts over their protocols. The records are those of
 * `generateGroups`, byte for byte; the truth's motives are the likeliest ones, since nobody tells why the agent did what it did.
 */
export async function* recordGroups(
	world: LiveOptions["world"],
	tasks: readonly Task[],
	k: number,
	options: GenerateOptions,
): AsyncGenerator<Generated> {
	const { skill, slips, switches, budget } = options;
	for (const task of tasks) {
		const { graph } = new TaskRecorder(task, options);
		for (let trial = 0; trial < k; trial++) {
			const seed = seedOf(options, task, trial);
			const id = `${task.id}/${trial}`;
			const model = modelName(skill, slips);
			const live = await recordLive({ world, task, seed, model, ...(budget === undefined ? {} : { budget }) });
			const { messages } = live;
			const rollout = { ...live, motives: [], state: stateOf(task, messages, switches) };
			const record = toRecord({ task, trial, id, seed, skill, slips, switches }, rollout);
			const truth = truthOf(
				graph,
				walkSteps(graph, messages),
				messages.length,
				succeeded(task, rollout.state.desk, rollout.state.talk),
			);
			record.reward = live.reward;
			yield { record, truth: { task_id: task.id, trial, rollout_id: id, skill, slips_from: slips, ...truth } };
		}
	}
}

/** `k` rollouts of every task, task by task. */
export function* generateGroups(tasks: readonly Task[], k: number, options: GenerateOptions): Generator<Generated> {
	for (const task of tasks) {
		const recorder = new TaskRecorder(task, options);
		for (let trial = 0; trial < k; trial++) yield recorder.play(trial)!;
	}
}

/** Bounds of the value just before the irrecoverable step, by the skill that is meant to reach them. */
export const BINS: Record<Skill, { from: number; to: number }> = {
	weak: { from: 0.1, to: 0.3 },
	middle: { from: 0.3, to: 0.7 },
	strong: { from: 0.7, to: 0.95 },
};

/**
 * `count` failures whose measured value just before the irrecoverable step lies in the bin of the options' skill, spread evenly over
 * the tasks. Gives up after `patience` rollouts for each one wanted.
 */
export function* generateFailures(
	tasks: readonly Task[],
	count: number,
	options: GenerateOptions,
	patience = 200,
): Generator<Generated> {
	const { from, to } = BINS[options.skill];
	const recorders = tasks.map((task) => new TaskRecorder(task, options));
	let found = 0;
	for (let played = 0; found < count && played < count * patience; played++) {
		const recorder = recorders[played % recorders.length]!;
		const generated = recorder.play(Math.floor(played / recorders.length), (success) => !success);
		const value = generated?.truth.valueBefore ?? null;
		if (generated === null || value === null || value < from || value >= to) continue;
		found++;
		yield generated;
	}
}
