// The terminal program: parses arguments and runs the command that they name.
import { Command } from "commander";
import { COMMANDS } from "./commands.ts";
import { flushOutput } from "./output.ts";
import { addReadingOptions } from "./reading.ts";

export async function runProgram(): Promise<void> {
	const program = new Command("trajectory")
		.description("Reads agents' logs: lists rollouts, shows steps, advantages, trees and first errors.")
		.showHelpAfterError()
		.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
	for (const register of COMMANDS) register(program);
	addReadingOptions(program);
	await program.parseAsync();
	await flushOutput();
}
