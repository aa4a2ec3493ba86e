// npm run practice [-- COMMAND ...]: serves the practice world until Ctrl+C, or runs another of its commands.
import { runCommand } from "../../examples/practice/src/commands.ts";

const given = process.argv.slice(2);
const named = given[0] !== undefined && !given[0].startsWith("-");
await runCommand(named ? given : ["serve", ...given]);
