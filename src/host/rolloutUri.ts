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
	/** The side, where the document is one of a comparison with the reference path of the task. */
	reference: "left" | "right" | null;
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
	return addressUri(summary, name, { part });
}

/** One side of a comparison: steps without numbers, so that equal steps are equal text. */
export function comparedUri(summary: RolloutSummary, other: RolloutSummary, side: "left" | "right"): vscode.Uri {
	const against = { file: other.file, ordinal: other.ordinal, side };
	return addressUri(summary, `${safeName(summary.id)} compared.trajectory`, { against });
}

/** The reference path of the task on the left, or the rollout on the right, in the lines that they have in common. */
export function referenceUri(summary: RolloutSummary, side: "left" | "right"): vscode.Uri {
	const name = side === "left" ? "reference path" : `${safeName(summary.id)} against reference path`;
	return addressUri(summary, `${name}.trajectory`, { reference: side });
}

/** A picture in a step, as a file that VS Code's own viewer shows. */
export function imageUri(summary: RolloutSummary, step: number, number: number, mediaType: string | null): vscode.Uri {
	const extension = /^image\/(png|jpeg|gif|webp)$/.exec(mediaType ?? "")?.[1] ?? "png";
	const name = `${safeName(summary.id)} step ${step} image ${number + 1}.${extension}`;
	return addressUri(summary, name, { image: { step, number } });
}

function addressUri(summary: RolloutSummary, name: string, special: Partial<RolloutAddress>): vscode.Uri {
	const { file, ordinal } = summary;
	const address: RolloutAddress = { file, ordinal, part: 0, against: null, reference: null, image: null, ...special };
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
		const { file, ordinal, part, against, reference, image } = JSON.parse(uri.query) as Partial<
			Record<keyof RolloutAddress, unknown>
		>;
		if (typeof file !== "string" || !Number.isInteger(ordinal) || !Number.isInteger(part)) return null;
		return {
			file,
			ordinal: ordinal as number,
			part: part as number,
			against: readAgainst(against),
			reference: reference === "left" || reference === "right" ? reference : null,
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
