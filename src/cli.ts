// Entry in a terminal. The program itself is another file, so that its compiled code can be kept for the next time.
import module from "node:module";

// not before Node 22.8
module.enableCompileCache?.();
const { runProgram } = await import("./cli/program.ts");
await runProgram();
