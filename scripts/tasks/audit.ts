// npm run audit: asks the registry for known vulnerabilities of what we ship and of what we build with. Not part of
// npm test, because it needs a registry that answers such questions.
import { spawnSync } from "node:child_process";
import { root } from "../../test/support/paths.ts";
import { npmCommand } from "../../test/support/processes.ts";

const { command, parameters, shell } = npmCommand();
const result = spawnSync(command, [...parameters, "audit", ...process.argv.slice(2)], {
	cwd: root,
	stdio: "inherit",
	shell,
});
if (result.error) console.error(`npm audit: ${result.error.message}`);
process.exitCode = result.status ?? 1;
