// Addresses of readable documents: `trajectory:/<log>/<rollout>.trajectory?<what it is>`; everything needed to open
// the document again after a reload is in the address.
import path from "node:path";
import * as vscode from "vscode";
import type { RolloutSummary } from "../core/model/trajectory.ts";

export const SCHEME = "trajectory";

export interface RolloutAddress {
	file: string;
	ordinal: number;
	/** 0-based part of a long document. */
	part: number;
	/** The other side, where the document is one side of a comparison. */
	against: { file: string; ordinal: number; side: "left" | "right" } | null;
	/** A picture of the rollout: the n-th image of the given step, both from 0. */
	image: { step: number; number: number } | null;
}

/** File names of editors must be short and free of separators, whatever a log calls its rollouts. */
function safeName(text: string): string {
	const clean = text.replace(/[/\\?%*:|"<>#\u0000-\u001f\u007f]/g, "-").trim();
	return Array.from(clean === "" ? "rollout" : clean)
		.slice(0, 80)
		.join("");
}

export function rolloutUri(summary: RolloutSummary, part = 0): vscode.Uri {
	const name = `${safeName(summary.id)}${part === 0 ? "" : ` part ${part + 1}`}.trajectory`;
	return addressUri(summary, name, { file: summary.file, ordinal: summary.ordinal, part, against: null, image: null });
}

/** One side of a comparison: steps without numbers, so that equal steps are equal text. */
export function comparedUri(summary: RolloutSummary, other: RolloutSummary, side: "left" | "right"): vscode.Uri {
	const against = { file: other.file, ordinal: other.ordinal, side };
	const name = `${safeName(summary.id)} compared.trajectory`;
	return addressUri(summary, name, { file: summary.file, ordinal: summary.ordinal, part: 0, against, image: null });
}

/** A picture in a step, as a file that VS Code's own viewer shows. */
export function imageUri(summary: RolloutSummary, step: number, number: number, mediaType: string | null): vscode.Uri {
	const extension = /^image\/(png|jpeg|gif|webp)$/.exec(mediaType ?? "")?.[1] ?? "png";
	const name = `${safeName(summary.id)} step ${step} image ${number + 1}.${extension}`;
	const image = { step, number };
	return addressUri(summary, name, { file: summary.file, ordinal: summary.ordinal, part: 0, against: null, image });
}

function addressUri(summary: RolloutSummary, name: string, address: RolloutAddress): vscode.Uri {
	return vscode.Uri.from({
		scheme: SCHEME,
		path: `/${safeName(path.basename(summary.file))}/${name}`,
		query: JSON.stringify(address),
	});
}

/** What an address names; null for anything that was not made here. */
export function addressOf(uri: vscode.Uri): RolloutAddress | null {
	if (uri.scheme !== SCHEME) return null;
	try {
		const { file, ordinal, part, against, image } = JSON.parse(uri.query) as Partial<
			Record<keyof RolloutAddress, unknown>
		>;
		if (typeof file !== "string" || !Number.isInteger(ordinal) || !Number.isInteger(part)) return null;
		return {
			file,
			ordinal: ordinal as number,
			part: part as number,
			against: readAgainst(against),
			image: readImage(image),
		};
	} catch {
		return null;
	}
}

function readAgainst(value: unknown): RolloutAddress["against"] {
	if (typeof value !== "object" || value === null) return null;
	const { file, ordinal, side } = value as Record<string, unknown>;
	if (typeof file !== "string" || !Number.isInteger(ordinal) || (side !== "left" && side !== "right")) return null;
	return { file, ordinal: ordinal as number, side };
}

function readImage(value: unknown): RolloutAddress["image"] {
	if (typeof value !== "object" || value === null) return null;
	const { step, number } = value as Record<string, unknown>;
	return Number.isInteger(step) && Number.isInteger(number) ? { step: step as number, number: number as number } : null;
}
