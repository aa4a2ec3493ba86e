// Entry in a terminal: parse arguments, ask the core, print.
import { Command } from "commander";
import { COMMANDS } from "./cli/commands.ts";
import { flushOutput } from "./cli/output.ts";
import { addReadingOptions } from "./cli/reading.ts";

const program = new Command("trajectory")
	.description("Reads agents' logs: lists rollouts, shows steps, advantages, trees and first errors.")
	.showHelpAfterError()
	.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
for (const register of COMMANDS) register(program);
addReadingOptions(program);
await program.parseAsync();
await flushOutput();
