// Every command of the terminal program; each file beside this one registers one.
import type { Command } from "commander";
import { registerList } from "./list.ts";

export const COMMANDS: readonly ((program: Command) => void)[] = [registerList];
