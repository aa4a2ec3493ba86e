// What commands share that run for a while: Ctrl+C ends them in order, and how their numbers are read.
import { InvalidArgumentError } from "commander";

/** A signal that Ctrl+C aborts; `release` gives Ctrl+C its usual meaning back. */
export function addStop(): { signal: AbortSignal; release(): void } {
	const controller = new AbortController();
	const stop = (): void => controller.abort();
	process.once("SIGINT", stop);
	process.once("SIGTERM", stop);
	return {
		signal: controller.signal,
		release: () => {
			process.off("SIGINT", stop);
			process.off("SIGTERM", stop);
		},
	};
}

/** A step, counted from 0. @throws what the command line shows as wrong use */
export function stepNumber(text: string): number {
	if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("must be a whole number from 0");
	return Number(text);
}

/** How many, at least one. @throws what the command line shows as wrong use */
export function countNumber(text: string): number {
	const value = stepNumber(text);
	if (value === 0) throw new InvalidArgumentError("must be a whole number from 1");
	return value;
}
