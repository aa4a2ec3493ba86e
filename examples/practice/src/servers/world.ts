// The whole practice world served at once: tools, agent, customer and verifier.
import type { SessionSwitches } from "../world/session.ts";
import type { VerifierSwitches } from "../world/verifier.ts";
import { serveMcp } from "./mcpHttp.ts";
import { servePolicy } from "./policy.ts";

export interface WorldOptions {
	/** 0 takes a free port. */
	mcpPort: number;
	policyPort: number;
	switches: SessionSwitches & VerifierSwitches;
	/** Seed of the verifier's mistakes. */
	seed: number;
}

export interface RunningWorld {
	/** MCP over streamable HTTP. */
	tools: string;
	/** Base address of the OpenAI-compatible endpoint, ending in /v1. */
	policy: string;
	/** Takes `{messages}`, answers `{reward, components}`. */
	verifier: string;
	close(): Promise<void>;
}

export async function serveWorld({ mcpPort, policyPort, switches, seed }: WorldOptions): Promise<RunningWorld> {
	const tools = await serveMcp(mcpPort, switches);
	try {
		const policy = await servePolicy(policyPort, { verifier: switches, rescue: switches.rescue, seed });
		return {
			tools: tools.url,
			policy: `${policy.url}/v1`,
			verifier: `${policy.url}/verify`,
			close: async () => {
				await Promise.all([tools.close(), policy.close()]);
			},
		};
	} catch (error) {
		await tools.close();
		throw error;
	}
}
