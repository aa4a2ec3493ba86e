// Opens a backend by its kind. What a kind needs is loaded only when something is really to run.
import type { Result } from "../../core/model/problem.ts";
import type { BackendSpec } from "../../core/replay/backendSpec.ts";
import { type Backend, type BackendLimits, DEFAULT_LIMITS } from "./backend.ts";

/** Starts or reaches what `spec` names. Callers have asked for consent before. */
export async function openBackend(
	spec: BackendSpec,
	signal: AbortSignal,
	limits: BackendLimits = DEFAULT_LIMITS,
): Promise<Result<Backend, string>> {
	const means = spec.environment?.means;
	if (means === undefined) return openAlone(spec, signal, limits);
	const { openWithMeans } = await import("./environmentMeans.ts");
	return openWithMeans(spec, means, (inner) => openAlone(inner, signal, limits), signal);
}

async function openAlone(
	spec: BackendSpec,
	signal: AbortSignal,
	limits: BackendLimits,
): Promise<Result<Backend, string>> {
	switch (spec.kind) {
		case "mcp-stdio":
		case "mcp-http":
			return (await import("./mcp.ts")).openMcp(spec, signal, limits);
		case "command":
			return (await import("./commandTools.ts")).openCommandTools(spec, limits);
		case "http":
			return (await import("./httpTools.ts")).openHttpTools(spec, limits);
	}
}
