// What would notice that something runs: a program that leaves a file behind, and a port on loopback that counts callers.

import { once } from "node:events";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

export interface Sentinels {
	/** Command line that leaves a file behind. */
	program: string[];
	/** Address that counts whoever connects. */
	address: string;
	/** What has happened so far: "a program was started", "a socket was opened". */
	seen(): string[];
	close(): void;
}

/** @param marker the file that the program leaves behind */
export async function setSentinels(marker: string): Promise<Sentinels> {
	let callers = 0;
	const server = createServer((socket) => {
		callers++;
		socket.destroy();
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		program: [process.execPath, "-e", `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`],
		address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		seen: () => [
			...(existsSync(marker) ? ["a program was started"] : []),
			...(callers > 0 ? ["a socket was opened"] : []),
		],
		close: () => server.close(),
	};
}
