// The flags of commands that score with a reward model, and the scorer that they ask for.
import { type Command, Option } from "commander";
import type { Result } from "../core/model/problem.ts";
import { AGGREGATIONS, type AggregationId } from "../core/reward/aggregation.ts";
import { EVALUATIONS, type Evaluation } from "../core/reward/description.ts";
import { modelFolderOf } from "../io/builtInModels.ts";
import { cacheFolder } from "../io/cacheFolder.ts";
import { ScoreCache } from "../io/scoreCache.ts";
import { Scorer } from "../io/scorer.ts";
import { stepNumber } from "./running.ts";

export interface ScorerFlags {
	model: string;
	aggregate?: AggregationId;
	evaluation?: Evaluation;
	provider: string;
	threads: number;
	/** The program's own flag for all caches. */
	cache?: boolean;
}

export const MODEL_HELP =
	"folder with model.onnx, config.json and tokenizer.json, or a built-in model: general, order-desk";

export function addScorerOptions(command: Command): Command {
	return command
		.addOption(
			new Option(
				"--aggregate <how>",
				"how the scores of the steps become one score; by default as the model says",
			).choices(AGGREGATIONS.map(({ id }) => id)),
		)
		.addOption(
			new Option("--evaluation <how>", "how the model is asked; by default as the model says").choices(EVALUATIONS),
		)
		.option("--provider <name>", "execution provider of the runtime", "cpu")
		.option("--threads <number>", "threads of the runtime, 0 for its own choice", stepNumber, 0);
}

/** The model is loaded when something is scored that is not in the cache. */
export function openScorer(flags: ScorerFlags): Promise<Result<Scorer>> {
	const { provider, threads, aggregate, evaluation } = flags;
	const cache = new ScoreCache(flags.cache === false ? null : cacheFolder("scores"));
	const reading = {
		...(aggregate === undefined ? {} : { aggregation: aggregate }),
		...(evaluation === undefined ? {} : { evaluation }),
	};
	return Scorer.open(modelFolderOf(flags.model), { provider, threads, cache, reading });
}
