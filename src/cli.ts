// Entry in a terminal. The program itself is another file, so that its compiled code can be kept for the next time.
import module from "node:module";
import { cacheFolder } from "./io/cacheFolder.ts";

// not before Node 22.8
module.enableCompileCache?.(cacheFolder("compiled"));
const { runProgram } = await import("./cli/program.ts");
await runProgram();
