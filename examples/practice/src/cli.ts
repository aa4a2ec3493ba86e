#!/usr/bin/env node
// Entry of the practice world's command line.
import { runCommand } from "./commands.ts";

await runCommand(process.argv.slice(2));
