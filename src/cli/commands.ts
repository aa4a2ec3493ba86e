// Every command of the terminal program; each file beside this one registers one.
import type { Command } from "commander";
import { registerAdvantages } from "./advantages.ts";
import { registerExport } from "./export.ts";
import { registerFind } from "./find.ts";
import { registerFirstError } from "./firstError.ts";
import { registerList } from "./list.ts";
import { registerShow } from "./show.ts";
import { registerTree } from "./tree.ts";

export const COMMANDS: readonly ((program: Command) => void)[] = [
	registerAdvantages,
	registerExport,
	registerFind,
	registerFirstError,
	registerList,
	registerShow,
	registerTree,
];
