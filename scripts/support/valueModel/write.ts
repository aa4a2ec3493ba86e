// Writes a value model as a folder that the product scores with: model.onnx, scorer.json and its card.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { encodeModel, type Graph, type GraphNode } from "../../../test/support/onnx.ts";
import { LARGEST_INPUT, type LogisticModel } from "./logistic.ts";

export async function writeModel(
	folder: string,
	model: LogisticModel,
	features: readonly string[],
	card: string,
): Promise<void> {
	await mkdir(folder, { recursive: true });
	await writeFile(path.join(folder, "model.onnx"), encodeModel(graphOf(model)));
	const scorer = { kind: "feature", means: "value", aggregation: "last", features };
	await writeFile(path.join(folder, "scorer.json"), `${JSON.stringify(scorer, null, "\t")}\n`);
	await writeFile(path.join(folder, "README.md"), card);
}

/** sigmoid(clip((features - mean) / scale) * weights + bias): [batch, 1]. */
function graphOf({ mean, scale, weights, bias }: LogisticModel): Graph {
	const inputs = weights.length;
	const number = (name: string, value: number) => ({ name, shape: [], values: Float32Array.from([value]) });
	return {
		inputs: [{ name: "features", type: "float32", shape: ["batch", inputs] }],
		outputs: [{ name: "probability", type: "float32", shape: ["batch", 1] }],
		constants: [
			{ name: "mean", shape: [inputs], values: mean },
			{ name: "scale", shape: [inputs], values: scale },
			{ name: "weights", shape: [inputs, 1], values: weights },
			number("bias", bias),
			number("lowest", -LARGEST_INPUT),
			number("largest", LARGEST_INPUT),
		],
		nodes: [
			node("Sub", ["features", "mean"], "centred"),
			node("Div", ["centred", "scale"], "standardised"),
			node("Clip", ["standardised", "lowest", "largest"], "cut"),
			node("MatMul", ["cut", "weights"], "product"),
			node("Add", ["product", "bias"], "logit"),
			node("Sigmoid", ["logit"], "probability"),
		],
	};
}

function node(operator: string, inputs: string[], output: string): GraphNode {
	return { operator, inputs, outputs: [output] };
}
