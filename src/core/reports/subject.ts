// What a report is asked about, and what a kind of report is to the rest of the product: data and one pure function.
// One kind = one file beside this one + one line in the registry.
import type { Estimator } from "../advantages/estimator.ts";
import type { ClipRule } from "../advantages/offPolicy.ts";
import type { Attempt, MetricContext } from "../metrics/metric.ts";
import type { Report } from "./report.ts";

export interface Subject {
	/** The rollouts that the report is over: a group, a run, everything in a log. */
	attempts: readonly Attempt[];
	/** Why these are not all rollouts of their training batches; null where they are. */
	partial: string | null;
	/** The rollout that it is about, one of `attempts`; null where it is about all. */
	chosen: Attempt | null;
	/** What `attempts` are called in the title. */
	name: string;
	/** A second set of rollouts, for comparisons. */
	other: { name: string; attempts: readonly Attempt[] } | null;
	settings: ReportSettings;
}

export interface ReportSettings {
	estimator: Estimator;
	/** Rules of clipping, with the user's bounds. */
	clipRules: readonly ClipRule[];
	/** Parameters of metrics. */
	set: MetricContext["set"];
	/** Calls that no fair solution makes. */
	forbidden: readonly string[];
	/** The reference path of a task as people entered it. */
	reference: MetricContext["reference"];
}

/** The smallest thing that a report can be about; what is selected is widened to it. */
export type About = "rollout" | "task" | "run" | "two runs";

export interface ReportKind {
	/** Stable name in commands and addresses: lower case with dashes. */
	id: string;
	title: string;
	/** What it tells, for lists to choose from. */
	summary: string;
	about: About;
	/** Whether it may also be asked about everything that is wider, as metrics of a task or a run. */
	wider: boolean;
	make(subject: Subject): Report;
}
