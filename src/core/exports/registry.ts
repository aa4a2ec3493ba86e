// Every format that rollouts can be exported to: logs, which keep all steps, and data sets, which are made of labels.
import { agentProcessBenchSet } from "./agentProcessBench.ts";
import { agentRxSet } from "./agentRx.ts";
import { atifDocument } from "./atif.ts";
import type { DatasetExporter } from "./dataset.ts";
import type { Exporter } from "./exporter.ts";
import { mathShepherdSet } from "./mathShepherd.ts";
import { openaiMessages } from "./openaiMessages.ts";
import { preferenceSet, stepDpo, unpairedPreferenceSet } from "./preferences.ts";
import { prm800kSet } from "./prm800k.ts";
import { processBenchSet } from "./processBench.ts";
import { prmRows, stepwiseSet, verlProcessReward } from "./processReward.ts";
import { recoveryPairs } from "./recovery.ts";
import { referencePlanner } from "./referencePlanner.ts";
import { sft, sftMasked } from "./sft.ts";
import { trailSet } from "./trail.ts";
import { whoAndWhenSet } from "./whoAndWhen.ts";

export const EXPORTERS: readonly Exporter[] = [atifDocument, openaiMessages];

export const DATASET_EXPORTERS: readonly DatasetExporter[] = [
	agentProcessBenchSet,
	agentRxSet,
	mathShepherdSet,
	preferenceSet,
	prm800kSet,
	prmRows,
	processBenchSet,
	recoveryPairs,
	referencePlanner,
	sft,
	sftMasked,
	stepDpo,
	stepwiseSet,
	trailSet,
	unpairedPreferenceSet,
	verlProcessReward,
	whoAndWhenSet,
];

export function exporterById(id: string): Exporter | null {
	return EXPORTERS.find((exporter) => exporter.id === id) ?? null;
}

export function datasetExporterById(id: string): DatasetExporter | null {
	return DATASET_EXPORTERS.find((exporter) => exporter.id === id) ?? null;
}
