// Every format that rollouts can be exported to.
import { atifDocument } from "./atif.ts";
import type { Exporter } from "./exporter.ts";
import { openaiMessages } from "./openaiMessages.ts";

export const EXPORTERS: readonly Exporter[] = [atifDocument, openaiMessages];

export function exporterById(id: string): Exporter | null {
	return EXPORTERS.find((exporter) => exporter.id === id) ?? null;
}
