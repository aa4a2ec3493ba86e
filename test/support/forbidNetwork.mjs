// Loaded before a program (`node --import`): whatever would reach a network ends it, and says what it was.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @param {string} what */
function refuse(what) {
	process.stderr.write(`NETWORK: ${what}\n`);
	process.exit(86);
}

require("node:net").Socket.prototype.connect = () => refuse("a connection");
require("node:net").Server.prototype.listen = () => refuse("a listening socket");
require("node:dgram").createSocket = () => refuse("a datagram socket");
const names = require("node:dns");
for (const asked of [names, names.promises]) {
	for (const name of Object.keys(asked)) {
		if (/^(?:lookup|resolve)/.test(name)) asked[name] = () => refuse("a look-up of a name");
	}
}
