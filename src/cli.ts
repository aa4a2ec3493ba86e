// Entry in a terminal. The program itself is another file, so that its compiled code can be kept for the next time.
import module from "node:module";
import { cacheFolder } from "./io/cacheFolder.ts";

const OLDEST_NODE = 22;
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
	console.error(`trajectory needs Node ${OLDEST_NODE} or newer; this is ${process.version}`);
	process.exit(2);
}
// not before Node 22.8
module.enableCompileCache?.(cacheFolder("compiled"));
const { runProgram } = await import("./cli/program.ts");
await runProgram();
