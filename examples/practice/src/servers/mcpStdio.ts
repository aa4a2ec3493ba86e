// The MCP server over standard input and output: one desk for the one caller that started it.
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { SessionSwitches } from "../world/session.ts";
import { CallerDesk, SnapshotStore } from "./desks.ts";
import { mcpServerFor } from "./mcp.ts";

export interface StdioOptions {
	/** Ticket to open at once; null waits for world_reset. */
	task: string | null;
	seed: number;
	switches: SessionSwitches;
}

/** Serves until the caller closes standard input. Nothing else may be written to standard output. */
export async function serveStdio({ task, seed, switches }: StdioOptions): Promise<void> {
	const desk = new CallerDesk(new SnapshotStore(), switches);
	if (task !== null) desk.reset(task, seed);
	await mcpServerFor(desk).connect(new StdioServerTransport());
}
