// npm run train:value -- [DIR[=NAME (LICENCE)]]... [--test DIR[=NAME]]... [--out FOLDER]: learns a value model from the
// practice world and the logs with known outcomes below each DIR, and writes it with its card. Each DIR is one source.
// Sources behind --test are only measured on, as is fit where a licence does not permit more.
import path from "node:path";
import { parseArgs } from "node:util";
import { widthOf } from "../../src/core/reward/features.ts";
import { root } from "../../test/support/paths.ts";
import { cardOf } from "../support/valueModel/card.ts";
import { type Examples, examplesIn, PRACTICE, practiceExamples } from "../support/valueModel/examples.ts";
import { againstExact, heldOutReport, learn, type Recipe } from "../support/valueModel/heldOut.ts";
import { writeModel } from "../support/valueModel/write.ts";

/** Signs that hold whatever the agent and the task are; a source without an effect cannot turn them round. */
const SIGNS: Readonly<Record<string, number>> = {
	log_agent_steps: -1,
	repeat_share: -1,
	repeats: -1,
	seen_before: -1,
	likeness: -1,
	error_share: -1,
	error_run: -1,
	news: 1,
};
/** What the practice world alone can teach: its own ways of going wrong. */
const DESK = [
	"agent_steps answers asks calls changes_so_far error_share errors failure_words failure_words_so_far hedges likeness",
	"log_agent_steps log_length_so_far log_observation_length log_task_length log_text_length news novel_arguments",
	"novel_arguments_so_far novel_share novel_share_so_far objections repeat_share repeats seen_before thanks tool_run user_turns",
]
	.join(" ")
	.split(" ");
const LEARNING = { epochs: 5, rate: 0.05, seed: 1 };
/** Rollouts of each task of the practice world. */
const TRIALS = { general: 24, practice: 48 };

const { values, positionals } = parseArgs({
	args: process.argv.slice(2),
	allowPositionals: true,
	options: { out: { type: "string" }, test: { type: "string", multiple: true, default: [] } },
});
const isGeneral = positionals.length > 0;
const out = path.resolve(values.out ?? path.join(root, "media/models", isGeneral ? "general" : "order-desk"));
const features = isGeneral
	? [...Object.keys(SIGNS), "log_length_so_far", "heard_words:512", "said_words:512"]
	: [...DESK, "done_words:256", "heard_words:512", "said_words:512"];
const read = isGeneral ? features.filter((name) => name !== "log_length_so_far") : features;

const practice = await practiceExamples(isGeneral ? TRIALS.general : TRIALS.practice, features);
const sources = [practice.seen, ...(await Promise.all(positionals.map(readSource)))].filter(isMixed);
const tested = await Promise.all(values.test.map(readSource));
const recipes = [
	recipe("this model", read),
	recipe("steps so far", ["log_agent_steps"]),
	recipe("length so far", ["log_length_so_far"]),
];
const models = recipes.map((each) => learn(sources, each));
const [own] = models;
if (own === undefined) throw new Error("nothing was learned");
const card = cardOf({
	title: isGeneral ? "Built-in value model" : `Value model of the ${PRACTICE}`,
	sources,
	tested,
	recipes,
	heldOut: isGeneral && sources.length > 2 ? heldOutReport(sources, tested, recipes) : null,
	practice: {
		tasks: new Set(practice.unseen.task).size,
		steps: practice.unseen.rows.length,
		results: models.map((model, index) => againstExact(model, practice.unseen, recipes[index] as Recipe)),
	},
	model: own,
	features: read,
});
await writeModel(out, own, read, card);
console.log(card);
console.log(`written to ${path.relative(process.cwd(), out)}`);

/** `DIR=NAME (LICENCE)`; without a name the folder's own. */
function readSource(given: string): Promise<Examples> {
	const [folder = "", ...name] = given.split("=");
	return examplesIn(name.length === 0 ? path.basename(folder) : name.join("="), folder, features);
}

/** A source in which everything ends alike teaches nothing. */
function isMixed({ succeeded, source }: Examples): boolean {
	const mixed = succeeded.includes(true) && succeeded.includes(false);
	if (!mixed) console.log(`${source}: no successes beside failures, left out`);
	return mixed;
}

function recipe(name: string, wanted: readonly string[]): Recipe {
	const columns = wanted.flatMap((feature) => {
		const at = features.indexOf(feature);
		const start = features.slice(0, at).reduce((sum, before) => sum + widthOf(before), 0);
		return Array.from({ length: widthOf(feature) }, (_, offset) => start + offset);
	});
	const dense = wanted.filter((feature) => !feature.includes(":"));
	const signs = dense.map((feature) => (isGeneral ? (SIGNS[feature] ?? 0) : 0));
	return { name, columns, training: { ...LEARNING, signs, penalty: isGeneral ? 0.05 : 0.1 } };
}
