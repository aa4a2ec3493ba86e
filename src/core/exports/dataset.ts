// What an export of a data set is: records made of the labelled rollouts of one task, some of which may have to be left out.
// One format = one file beside this one + one registry line.
import type { AnnotatedRollout } from "../labels/annotate.ts";
import type { ReferencePlan } from "../labels/referencePlan.ts";
import type { JsonObject } from "../model/json.ts";

export interface DatasetExporter {
	/** Stable name for `--to`: lower case with dashes. */
	id: string;
	title: string;
	/** What must be known of a rollout to be in the data set. */
	needs: string;
	/** @param group the rollouts of one task, in the order of the log */
	records(group: readonly AnnotatedRollout[], options: DatasetOptions): ExportedRecord[];
}

export interface DatasetOptions {
	/** The reference path of a task; null where nobody wrote one. */
	plan(task: string): ReferencePlan | null;
	/** Let supervised formats take failed rollouts up to their first error, besides accepted ones in full. */
	prefixes: boolean;
}

/** A record of the data set, or why a rollout gave none. */
export type ExportedRecord =
	| { kind: "record"; rollout: string; value: JsonObject }
	| { kind: "left out"; rollout: string; reason: string };

export function record(of: AnnotatedRollout, value: JsonObject): ExportedRecord {
	return { kind: "record", rollout: of.rollout.id, value };
}

export function leftOut(of: AnnotatedRollout, reason: string): ExportedRecord {
	return { kind: "left out", rollout: of.rollout.id, reason };
}

/** Records that speak of each rollout by itself. */
export function eachRollout(
	make: (of: AnnotatedRollout, options: DatasetOptions) => JsonObject | string,
): DatasetExporter["records"] {
	return (group, options) =>
		group.map((of) => {
			const made = make(of, options);
			return typeof made === "string" ? leftOut(of, made) : record(of, made);
		});
}
