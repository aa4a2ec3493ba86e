// Finds the parts of a reward model in a folder as exporters for the Hugging Face hub write it.
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { freemem } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { parseJson } from "../core/json/parse.ts";
import { asString, type JsonValue, member } from "../core/model/json.ts";
import { fail, type Problem, type Result, succeed } from "../core/model/problem.ts";
import { describeModel, type ModelDescription } from "../core/reward/description.ts";

export interface ModelFolder {
	folder: string;
	/** Name of the folder, for the reader. */
	name: string;
	/** The .onnx file. */
	model: string;
	/** Null where the model reads no text. */
	tokenizer: string | null;
	tokenizerConfig: string | null;
	description: ModelDescription;
	/** SHA-256 over everything that a score depends on, hexadecimal. */
	hash: string;
}

/** In the order in which they are looked for: full precision before what approximates it. */
const MODEL_FILES = [
	"model.onnx",
	"onnx/model.onnx",
	"model_fp16.onnx",
	"onnx/model_fp16.onnx",
	"model_quantized.onnx",
	"onnx/model_quantized.onnx",
	"onnx/model_int8.onnx",
	"onnx/model_uint8.onnx",
	"onnx/model_q4.onnx",
];

/** Weights are held once, and the runtime needs some of its own. */
const MEMORY_FACTOR = 1.2;

/** Reads and describes a model folder. Nothing of the model is loaded yet. */
export async function readModelFolder(given: string): Promise<Result<ModelFolder>> {
	const folder = path.resolve(given);
	const problem = (file: string, reason: string): { ok: false; error: Problem } =>
		fail({ file: file === "" ? folder : path.join(folder, file), line: 1, reason });
	const directory = await stat(folder).catch(() => null);
	if (directory?.isDirectory() !== true) return problem("", "is no folder with a model");
	const config = await readSettings(folder, "config.json");
	const scorer = await readSettings(folder, "scorer.json");
	if (!config.ok) return config;
	if (!scorer.ok) return scorer;
	const named = asString(member(scorer.value ?? undefined, "file"));
	if (named !== null && !isInside(folder, named)) return problem("scorer.json", "file must lie in the model's folder");
	const model = (named === null ? MODEL_FILES : [named]).find((file) => existsSync(path.join(folder, file)));
	if (model === undefined) return problem("", `has no ${named ?? "model.onnx or onnx/model.onnx"}`);
	const description = describeModel(config.value, scorer.value);
	if (!description.ok) return problem(description.error.file, description.error.reason);
	const readsText = description.value.kind !== "feature";
	if (readsText && !existsSync(path.join(folder, "tokenizer.json")))
		return problem("tokenizer.json", "is missing: without it no text can be put into tokens");
	const room = await roomFor(path.join(folder, model));
	if (room !== null) return problem(model, room);
	const optional = (file: string) => (existsSync(path.join(folder, file)) ? path.join(folder, file) : null);
	const tokenizer = readsText ? path.join(folder, "tokenizer.json") : null;
	const parts = [path.join(folder, model), tokenizer, optional("config.json"), optional("scorer.json")];
	return succeed({
		folder,
		name: path.basename(folder),
		model: path.join(folder, model),
		tokenizer,
		tokenizerConfig: readsText ? optional("tokenizer_config.json") : null,
		description: description.value,
		hash: await hashOf(parts.filter((file) => file !== null)),
	});
}

function isInside(folder: string, file: string): boolean {
	const relative = path.relative(folder, path.resolve(folder, file));
	return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
}

/** A JSON file of the folder; null where there is none. */
async function readSettings(folder: string, name: string): Promise<Result<JsonValue | null>> {
	const file = path.join(folder, name);
	const text = await readFile(file, "utf8").catch(() => null);
	if (text === null) return succeed(null);
	const parsed = parseJson(text);
	if (parsed.ok) return succeed(parsed.value);
	const line = text.slice(0, parsed.at).split("\n").length;
	return fail({ file, line, reason: `is not valid JSON: ${parsed.reason}` });
}

/** Why the model does not fit into free memory; null where it does. External weights lie beside the model. */
async function roomFor(model: string): Promise<string | null> {
	let bytes = 0;
	for (const file of [model, `${model}_data`, `${model}.data`])
		bytes += (await stat(file).catch(() => null))?.size ?? 0;
	const needed = bytes * MEMORY_FACTOR;
	const megabytes = (size: number) => `${Math.ceil(size / 1e6)} MB`;
	return needed <= freemem() ? null : `needs about ${megabytes(needed)} of memory, ${megabytes(freemem())} are free`;
}

async function hashOf(files: readonly string[]): Promise<string> {
	const hash = createHash("sha256");
	for (const file of files) {
		hash.update(`${path.basename(file)}\0`);
		await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
			for await (const chunk of chunks) hash.update(chunk);
		});
	}
	return hash.digest("hex");
}
