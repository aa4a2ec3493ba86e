// `trajectory score PATH... --model DIR`: what a reward model on this machine says about each rollout and its steps.
import { type Command, Option } from "commander";
import { describeProblem } from "../core/model/problem.ts";
import { AGGREGATIONS, type AggregationId, aggregate } from "../core/reward/aggregation.ts";
import type { RolloutScores } from "../core/reward/scores.ts";
import { plain } from "../core/text/format.ts";
import { oneLine, visible } from "../core/text/line.ts";
import { cacheFolder } from "../io/cacheFolder.ts";
import type { Member } from "../io/openPaths.ts";
import { ScoreCache } from "../io/scoreCache.ts";
import { Scorer } from "../io/scorer.ts";
import { alignColumns, finish, printJson, printLine } from "./output.ts";
import { openLogs } from "./reading.ts";
import { addStop, stepNumber } from "./running.ts";

interface Flags {
	model: string;
	rollout?: string;
	aggregate?: AggregationId;
	provider: string;
	threads: number;
	cache?: boolean;
	json?: boolean;
}

export function registerScore(program: Command): void {
	program
		.command("score")
		.description("Score rollouts with a reward model on this machine (ONNX).")
		.argument("<path...>", "files or folders")
		.requiredOption("--model <folder>", "folder with model.onnx, config.json and tokenizer.json")
		.option("--rollout <id>", "only the rollouts with this id")
		.addOption(
			new Option(
				"--aggregate <how>",
				"how the scores of the steps become one score; by default as the model says",
			).choices(AGGREGATIONS.map(({ id }) => id)),
		)
		.option("--provider <name>", "execution provider of the runtime", "cpu")
		.option("--threads <number>", "threads of the runtime, 0 for its own choice", stepNumber, 0)
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], flags: Flags) => {
			process.exitCode = await score(paths, flags);
		});
}

/** Rollouts scored at once: so many are held in memory, and so many are lost to Ctrl+C at most. */
const AT_ONCE = 64;

async function score(paths: string[], flags: Flags): Promise<number> {
	const cache = new ScoreCache(flags.cache === false ? null : cacheFolder("scores"));
	const opened = await Scorer.open(flags.model, { provider: flags.provider, threads: flags.threads, cache });
	if (!opened.ok) return refuse(describeProblem(opened.error));
	const scorer = opened.value;
	const stop = addStop();
	try {
		const logs = await openLogs(paths);
		const wanted = logs.summaries.filter(({ id }) => flags.rollout === undefined || id === flags.rollout);
		if (!flags.json) printModel(scorer);
		for (let at = 0; at < wanted.length; at += AT_ONCE) {
			const members: Member[] = [];
			for (const summary of wanted.slice(at, at + AT_ONCE)) {
				const rollout = await logs.readRollout(summary);
				if (rollout !== null) members.push({ summary, rollout });
			}
			const scores = await scorer.score(
				members.map(({ rollout }) => rollout),
				{ signal: stop.signal },
			);
			if (!scores.ok) return refuse(describeProblem(scores.error));
			print(scorer, members, scores.value, flags);
		}
		if (wanted.length === 0 && logs.summaries.length > 0)
			process.stderr.write(`no rollout has the id ${flags.rollout}\n`);
		return finish(logs, wanted.length);
	} finally {
		scorer.close();
		stop.release();
	}
}

function refuse(reason: string): 3 {
	process.stderr.write(`${visible(reason)}\n`);
	return 3;
}

function printModel({ model }: Scorer): void {
	const { kind, because, evaluation, aggregation } = model.description;
	printLine(
		`${model.name}  ${kind} model (${oneLine(because, 200)}), evaluated by ${evaluation}, aggregate ${aggregation}`,
	);
}

function print(scorer: Scorer, members: readonly Member[], scores: readonly RolloutScores[], flags: Flags): void {
	const scored = members.map((member, index) => {
		const found = scores[index] as RolloutScores;
		const own = flags.aggregate === undefined ? found.rollout : aggregateOf(found, flags.aggregate);
		return { member, found, score: own };
	});
	if (flags.json) {
		for (const { member, found, score } of scored) printJson(row(scorer, flags, member, found, score));
		return;
	}
	const rows = scored.map(({ member, found, score }) => [
		score === null ? "–" : plain(score, 4),
		oneLine(member.summary.id, 50),
		found.steps.flatMap((step, index) => (step === null ? [] : [`#${index} ${plain(step, 2)}`])).join("  "),
		found.notes.join("; "),
	]);
	for (const line of alignColumns(rows, [0])) printLine(line);
}

/** An outcome model has no scores of steps to sum up: its own score stays. */
function aggregateOf(scores: RolloutScores, how: AggregationId): number | null {
	return aggregate(how, scores.steps) ?? scores.rollout;
}

function row({ model }: Scorer, flags: Flags, { summary }: Member, found: RolloutScores, score: number | null): object {
	const { kind, because, evaluation, aggregation } = model.description;
	return {
		file: summary.file,
		task: summary.task,
		rollout: summary.id,
		model: model.name,
		hash: model.hash,
		kind,
		because,
		evaluation,
		aggregation: flags.aggregate ?? aggregation,
		score,
		steps: found.steps,
		outcome: summary.outcome,
		reward: summary.reward,
		notes: found.notes,
	};
}
