// npm run dev: development bundles, rebuilt whenever a source changes, until Ctrl+C.
import { stopOnSignal } from "../../test/support/processes.ts";
import { watchAll } from "../support/bundles.ts";

const watching = await watchAll();
console.log("watching the sources; Ctrl+C ends it");
stopOnSignal(0, () => watching.stop());
