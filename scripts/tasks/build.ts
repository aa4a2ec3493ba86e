// npm run build: production bundles; `-- --development` leaves them readable, with source maps.
import { buildAll, overLimit, sizeTable } from "../support/bundles.ts";

const development = process.argv.includes("--development");
const { sizes } = await buildAll(!development);
console.log(sizeTable(sizes));
const tooLarge = development ? [] : overLimit(sizes);
for (const sentence of tooLarge) console.error(`too large: ${sentence}`);
process.exitCode = tooLarge.length > 0 ? 1 : 0;
