// npm run dev: development bundles, rebuilt whenever a source changes, until Ctrl+C.
import { watchAll } from "../support/bundles.ts";

const watching = await watchAll();
console.log("watching the sources; Ctrl+C ends it");
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
	process.once(signal, () => void watching.stop().then(() => process.exit(0)));
}
