// Whether an observation reports a failure: as marked by the log, or by how its text begins.
import type { Observation } from "../model/trajectory.ts";

const ERROR_START =
	/^\s*(?:error\b|exception\b|traceback \(most recent|failed:|fatal:|mcp error|\{\s*"(?:error|errors|exception)"\s*:(?!\s*(?:null|""|\[\]|\{\}|false))|exitcode: [1-9])/i;
const HEAD = 200;

export function isFailure(observation: Observation): boolean {
	return observation.isError || ERROR_START.test(observation.text.slice(0, HEAD));
}

/** The same for a text that stands for itself, as the words of an environment's step. */
export function readsAsFailure(text: string): boolean {
	return ERROR_START.test(text.slice(0, HEAD));
}
