// Messages between whoever wants scores and the child process that holds the model.
import { flag, float32s, int32s, integer, list, nullable, record, text } from "./decode.ts";

/** A tensor of whole numbers or of floats: `values` in row-major order, `dimensions` their shape. */
const integers = record({ name: text, dimensions: list(integer), values: int32s });
const floats = record({ name: text, dimensions: list(integer), values: float32s });

export const scoringRequests = {
	/** Loads a model and its tokenizer. Once in the life of a process. */
	load: {
		params: record({
			model: text,
			/** Paths of tokenizer.json and tokenizer_config.json; null: the model reads no text. */
			tokenizer: nullable(text),
			tokenizerConfig: nullable(text),
			provider: text,
			/** 0: as many as the runtime thinks fit. */
			threads: integer,
		}),
		result: record({
			inputs: list(record({ name: text, type: text, rank: integer })),
			outputs: list(text),
			/** Special tokens that the tokenizer puts around every text. */
			prefix: int32s,
			suffix: int32s,
			/** Largest id that the tokenizer can give; -1 without one. */
			largestToken: integer,
		}),
	},
	/** The id of each token, by its exact spelling; -1 where the vocabulary has no such token. */
	tokenIds: { params: record({ tokens: list(text) }), result: record({ ids: int32s }) },
	/** Token ids of texts, without special tokens around them. */
	tokenise: { params: record({ texts: list(text) }), result: record({ tokens: list(int32s) }) },
	/** Runs the model once and answers the rows of numbers that are asked for. */
	run: {
		params: record({
			integers: list(integers),
			floats: list(floats),
			output: text,
			/** Pairs of row and position. Where the output has no position, the row's own numbers are answered. */
			picks: int32s,
			/** Whether an output of rank 2 is one number a position rather than a row of columns. */
			numberPerPosition: flag,
			/** Columns to answer; empty: all. */
			columns: int32s,
		}),
		/** `width` numbers for each pick. */
		result: record({ values: float32s, width: integer }),
	},
};
