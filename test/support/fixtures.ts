// The small logs of our own in test/fixtures/formats: one or more a format, named `<format id>[.variant].<extension>`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.ts";

export interface Fixture {
	name: string;
	/** Id of the format that the fixture is written in. */
	format: string;
	bytes: Uint8Array;
	text: string;
}

const folder = join(root, "test", "fixtures", "formats");

export function fixture(name: string): Fixture {
	const bytes = new Uint8Array(readFileSync(join(folder, name)));
	return { name, format: name.split(".")[0] ?? name, bytes, text: new TextDecoder().decode(bytes) };
}

export function allFixtures(): Fixture[] {
	return readdirSync(folder).sort().map(fixture);
}
