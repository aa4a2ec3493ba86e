// What a call does to the world, guessed from its tool's name: enough to tell looking from changing.

export type Effect = "read" | "write" | "irreversible" | "unknown";

const READ = new Set(
	(
		"ask calculate check compute count describe download explore fetch find get grep inspect list load locate look lookup " +
		"navigate open peek preview print query read retrieve scan scroll search show status think track validate verify view visit wait web"
	).split(" "),
);
const IRREVERSIBLE = new Set(
	(
		"archive book buy cancel charge close commit confirm delete deploy destroy dispatch drop email erase exchange execute finalize " +
		"merge order pay place post publish purchase refund release remove reply reserve return send settle ship submit terminate transfer wire withdraw"
	).split(" "),
);
const WRITE = new Set(
	(
		"accept add append apply approve assign change click copy create disable edit enable fill grant hold insert install join " +
		"mkdir modify move patch put register rename replace reset revoke save schedule select set toggle touch turn type unassign update upload write"
	).split(" "),
);

/** The first word of a tool's name that says what it does decides: `get_order` reads, `cancel_order` cannot be undone. */
export function effectOf(tool: string): Effect {
	for (const word of verbsOf(tool)) {
		if (READ.has(word)) return "read";
		if (WRITE.has(word)) return "write";
		if (IRREVERSIBLE.has(word)) return "irreversible";
	}
	return "unknown";
}

export function changesTheWorld(tool: string): boolean {
	const effect = effectOf(tool);
	return effect === "write" || effect === "irreversible";
}

function verbsOf(tool: string): string[] {
	return tool
		.slice(0, 200)
		.replace(/([a-z])([A-Z])/g, "$1 $2")
		.toLowerCase()
		.split(/[^a-z]+/)
		.filter((word) => word !== "");
}
