// Scores rollouts with a model folder: text to tokens to rows to batches to scores, with a cache by model and input.
import { createHash } from "node:crypto";
import { fail, type Problem, type Result, succeed } from "../core/model/problem.ts";
import type { Rollout } from "../core/model/trajectory.ts";
import { batchesOf } from "../core/reward/batches.ts";
import { featuresOf } from "../core/reward/features.ts";
import { promptOf } from "../core/reward/prompt.ts";
import { type Frame, type Row, rowsOf } from "../core/reward/rows.ts";
import { assembleScores, type RolloutScores, scoreOf } from "../core/reward/scores.ts";
import { type ModelFolder, readModelFolder } from "./modelFolder.ts";
import { ScoreCache } from "./scoreCache.ts";
import { type ChildOptions, type LoadedModel, ScorerChild, USUAL_CHILD } from "./scorerChild.ts";

export interface ScorerOptions {
	/** `cpu`, or what else the runtime's binary has. */
	provider: string;
	/** 0: as many as the runtime thinks fit. */
	threads: number;
	cache: ScoreCache;
	child: Partial<ChildOptions>;
}

export interface Progress {
	signal?: AbortSignal;
	/** Told after each batch, and for what came from the cache. */
	done?(scored: number, of: number): void;
}

/** One reading of the model that is still to be made. */
interface Reading extends Row {
	rollout: number;
	features: number[];
}

/** Counted up when the same text would be windowed or read otherwise than before: old scores are not used then. */
const RULES = 1;
/** A text longer than this many UTF-16 units for each token that the model reads loses its middle before tokenising. */
const UNITS_PER_TOKEN = 16;

export class Scorer {
	readonly model: ModelFolder;
	private readonly child: ScorerChild;
	private readonly cache: ScoreCache;

	private constructor(model: ModelFolder, options: Partial<ScorerOptions>) {
		this.model = model;
		this.cache = options.cache ?? new ScoreCache(null);
		this.child = new ScorerChild(
			{
				model: model.model,
				tokenizer: model.tokenizer,
				tokenizerConfig: model.tokenizerConfig,
				provider: options.provider ?? "cpu",
				threads: options.threads ?? 0,
			},
			{ ...USUAL_CHILD, ...options.child },
		);
	}

	/** Opens a model folder. The model itself is loaded when something is scored that is not in the cache. */
	static async open(folder: string, options: Partial<ScorerOptions> = {}): Promise<Result<Scorer>> {
		const model = await readModelFolder(folder);
		return model.ok ? succeed(new Scorer(model.value, options)) : model;
	}

	/** Process id of the model's process while it runs. */
	get pid(): number | null {
		return this.child.pid;
	}

	close(): void {
		this.child.close();
	}

	/** The scores of each rollout, in order. What was scored before a failure or an abort is kept in the cache. */
	async score(rollouts: readonly Rollout[], progress: Progress = {}): Promise<Result<RolloutScores[]>> {
		const keys = rollouts.map((rollout) => this.inputHash(rollout));
		const kept = await this.cache.read(this.model.hash, keys);
		const missing = rollouts.flatMap((_, index) => (kept[index] === null ? [index] : []));
		progress.done?.(rollouts.length - missing.length, rollouts.length);
		if (missing.length > 0) {
			const computed = await this.compute(
				missing.map((index) => rollouts[index] as Rollout),
				progress,
				(number, scores) => {
					const index = missing[number] as number;
					kept[index] = scores;
					this.cache.add(this.model.hash, keys[index] as string, scores);
				},
			);
			await this.cache.flush();
			if (!computed.ok) return computed;
		}
		return succeed(kept as RolloutScores[]);
	}

	/** Equal inputs of the model have equal hashes: the text, or the features, of every step. */
	private inputHash(rollout: Rollout): string {
		const { kind, features, template, stepToken } = this.model.description;
		const input = kind === "feature" ? featuresOf(rollout, features) : promptOf(rollout, template, stepToken);
		return createHash("sha256")
			.update(`${RULES} ${rollout.steps.length}\n`)
			.update(JSON.stringify(input))
			.digest("hex");
	}

	private async compute(
		rollouts: Rollout[],
		progress: Progress,
		finished: (rollout: number, scores: RolloutScores) => void,
	): Promise<Result<null>> {
		const loaded = await this.child.load();
		if (!loaded.ok) return this.problem(loaded.error);
		const misfit = misfitOf(this.model, loaded.value);
		if (misfit !== null) return this.problem(misfit);
		const planned = await this.plan(rollouts, loaded.value);
		if (!planned.ok) return this.problem(planned.error);
		const { readings, notes } = planned.value;
		const columns = await this.columns();
		if (!columns.ok) return this.problem(columns.error);
		const found = rollouts.map((): { step: number | null; score: number | null }[] => []);
		const waiting = rollouts.map(() => 0);
		for (const { rollout } of readings) waiting[rollout] = (waiting[rollout] as number) + 1;
		let ended = 0;
		const end = (rollout: number) => {
			const scores = found[rollout] as (typeof found)[number];
			const { aggregation } = this.model.description;
			finished(rollout, assembleScores(rollouts[rollout] as Rollout, scores, aggregation, notes[rollout] ?? []));
			ended++;
		};
		for (const [rollout, count] of waiting.entries()) if (count === 0) end(rollout);
		const padding = loaded.value.inputs.some(({ name }) => name === "attention_mask");
		for (const batch of batchesOf(readings.map(lengthOf), padding)) {
			if (progress.signal?.aborted === true) return this.problem("scoring was cancelled");
			const rows = batch.map((row) => readings[row] as Reading);
			const answer = await this.run(rows, loaded.value, columns.value);
			if (!answer.ok) return this.problem(answer.error);
			for (const [row, scores] of answer.value.entries()) {
				const { rollout, steps } = rows[row] as Reading;
				for (const [pick, score] of scores.entries()) found[rollout]?.push({ step: steps[pick] ?? null, score });
				waiting[rollout] = (waiting[rollout] as number) - 1;
				if (waiting[rollout] === 0) end(rollout);
			}
			progress.done?.(ended, rollouts.length);
		}
		return succeed(null);
	}

	private problem(reason: string): { ok: false; error: Problem } {
		return fail({ file: this.model.model, line: 1, reason });
	}

	/** What the model is to be asked about each rollout, and what it will not see. */
	private async plan(
		rollouts: Rollout[],
		loaded: LoadedModel,
	): Promise<Result<{ readings: Reading[]; notes: string[][] }, string>> {
		const { kind, features, evaluation } = this.model.description;
		if (kind === "feature") {
			const readings = rollouts.flatMap((rollout, index) =>
				featuresOf(rollout, features).map(({ step, values }) => ({
					rollout: index,
					features: values,
					tokens: new Int32Array(),
					picks: [0],
					steps: [step],
				})),
			);
			return succeed({ readings, notes: rollouts.map(() => []) });
		}
		const frame = await this.frame(loaded);
		if (!frame.ok) return frame;
		const readings: Reading[] = [];
		const notes: string[][] = [];
		for (const [index, rollout] of rollouts.entries()) {
			const prompt = await this.tokenise(rollout, frame.value.maximumTokens);
			if (!prompt.ok) return prompt;
			const planned = rowsOf(prompt.value, evaluation, frame.value);
			notes.push(planned.notes);
			for (const row of planned.rows) readings.push({ ...row, rollout: index, features: [] });
		}
		return succeed({ readings, notes });
	}

	private async frame({ prefix, suffix }: LoadedModel): Promise<Result<Frame, string>> {
		const { stepToken, maximumTokens } = this.model.description;
		if (stepToken === null) return succeed({ prefix, suffix, stepToken: null, maximumTokens });
		const ids = await this.tokenIds([stepToken]);
		return ids.ok
			? succeed({ prefix, suffix, stepToken: ids.value[0] as number, maximumTokens })
			: fail(`the step token ${ids.error}`);
	}

	private async tokenIds(tokens: string[]): Promise<Result<Int32Array, string>> {
		const answer = await this.child.ask("tokenIds", { tokens });
		if (!answer.ok) return answer;
		const unknown = answer.value.ids.indexOf(-1);
		return unknown === -1
			? succeed(answer.value.ids)
			: fail(`${JSON.stringify(tokens[unknown])} is not one token of the vocabulary`);
	}

	private async tokenise(
		rollout: Rollout,
		maximumTokens: number,
	): Promise<Result<Parameters<typeof rowsOf>[0], string>> {
		const { template, stepToken } = this.model.description;
		const prompt = promptOf(rollout, template, stepToken);
		const texts = [prompt.head, ...prompt.steps.flatMap(({ action, result }) => [action, result])];
		const limit = maximumTokens * UNITS_PER_TOKEN;
		const answer = await this.child.ask("tokenise", { texts: texts.map((text) => withoutMiddle(text, limit)) });
		if (!answer.ok) return answer;
		const tokens = answer.value.tokens;
		const steps = prompt.steps.map(({ step, scored }, index) => ({
			step,
			scored,
			action: tokens[1 + index * 2] as Int32Array,
			result: tokens[2 + index * 2] as Int32Array,
		}));
		return succeed({ head: tokens[0] as Int32Array, steps });
	}

	/** The columns of the output to read; empty: all. */
	private async columns(): Promise<Result<Int32Array, string>> {
		const { columns } = this.model.description.head;
		if (columns.of === "labels") return succeed(new Int32Array());
		return this.tokenIds([columns.good, columns.bad]);
	}

	/** The scores at the picks of each row of a batch. */
	private async run(
		rows: Reading[],
		loaded: LoadedModel,
		columns: Int32Array,
	): Promise<Result<(number | null)[][], string>> {
		const { description } = this.model;
		const picks = rows.flatMap(({ picks }, row) => picks.flatMap((position) => [row, position]));
		const answer = await this.child.ask("run", {
			integers: description.kind === "feature" ? [] : tokenInputs(rows, loaded, description.padToken),
			floats: description.kind === "feature" ? featureInputs(rows, loaded, description.features) : [],
			output: outputOf(this.model, loaded),
			picks: Int32Array.from(picks),
			numberPerPosition: description.evaluation === "positions",
			columns,
		});
		if (!answer.ok) return answer;
		const { values, width } = answer.value;
		let pick = 0;
		return succeed(
			rows.map((row) => row.picks.map(() => scoreOf(values.subarray(pick * width, ++pick * width), description.head))),
		);
	}
}

function lengthOf({ tokens }: Reading): number {
	return Math.max(1, tokens.length);
}

function withoutMiddle(text: string, limit: number): string {
	return text.length <= limit ? text : `${text.slice(0, limit / 2)} ${text.slice(text.length - limit / 2)}`;
}

const TOKEN_INPUTS = ["input_ids", "attention_mask", "token_type_ids", "position_ids"];

/** Why the files of the folder do not belong together; null where they do. */
function misfitOf({ description }: ModelFolder, { inputs, outputs, largestToken }: LoadedModel): string | null {
	const names = inputs.map(({ name }) => name);
	const listed = names.join(", ") || "none";
	if (description.output !== null && !outputs.includes(description.output))
		return `scorer.json names the output ${description.output}; the model has ${outputs.join(", ")}`;
	if (description.kind === "feature") {
		const named = names.every((name) => description.features.includes(name));
		return named || names.length === 1
			? null
			: `a feature model reads one input with all features or one input a feature; this one reads ${listed}`;
	}
	if (!names.includes("input_ids")) return `the model reads no input_ids; its inputs are ${listed}`;
	const unknown = names.filter((name) => !TOKEN_INPUTS.includes(name));
	if (unknown.length > 0)
		return `the model reads ${unknown.join(", ")}, which cannot be given; export it without a cache of past keys`;
	if (description.vocabulary !== null && largestToken >= description.vocabulary)
		return `tokenizer.json has the token ${largestToken}, config.json a vocabulary of ${description.vocabulary}: they do not belong together`;
	return null;
}

function outputOf({ description }: ModelFolder, { outputs }: LoadedModel): string {
	return description.output ?? outputs.find((name) => name === "logits") ?? outputs[0] ?? "logits";
}

interface TensorOf<Values> {
	name: string;
	dimensions: number[];
	values: Values;
}

/** What a transformer reads, padded on the right to the longest row. */
function tokenInputs(rows: Reading[], { inputs }: LoadedModel, padToken: number): TensorOf<Int32Array>[] {
	const width = Math.max(...rows.map(({ tokens }) => tokens.length));
	const fill = (valueAt: (row: Reading, at: number) => number) => {
		const values = new Int32Array(rows.length * width);
		for (const [index, row] of rows.entries())
			for (let at = 0; at < width; at++) values[index * width + at] = valueAt(row, at);
		return values;
	};
	const values: Record<string, (row: Reading, at: number) => number> = {
		input_ids: ({ tokens }, at) => tokens[at] ?? padToken,
		attention_mask: ({ tokens }, at) => (at < tokens.length ? 1 : 0),
		token_type_ids: () => 0,
		position_ids: (_, at) => at,
	};
	return inputs.map(({ name }) => ({
		name,
		dimensions: [rows.length, width],
		values: fill(values[name] as (row: Reading, at: number) => number),
	}));
}

/** One input of all features in order, or one input a feature by name; of rank 1 or 2 as the model declares. */
function featureInputs(rows: Reading[], { inputs }: LoadedModel, names: string[]): TensorOf<Float32Array>[] {
	const single = inputs.length === 1 && !names.includes(inputs[0]?.name ?? "");
	if (single) {
		const values = Float32Array.from(rows.flatMap(({ features }) => features));
		return [{ name: inputs[0]?.name ?? "", dimensions: [rows.length, names.length], values }];
	}
	return inputs.map(({ name, rank }) => {
		const column = names.indexOf(name);
		const values = Float32Array.from(rows, ({ features }) => features[column] as number);
		return { name, dimensions: rank === 1 ? [rows.length] : [rows.length, 1], values };
	});
}
