// Command templates: `${name}` inside a part is replaced by a value, and the part stays one argument whatever is in it.
import { fail, type Result, succeed } from "../model/problem.ts";

/**
 * Fills every part of a command. The value goes in as it is: nothing splits or interprets it, because no shell follows.
 * @returns the reason where a value is missing, or would hold a NUL, which no program can be given
 */
export function fillTemplate(
	command: readonly string[],
	values: Readonly<Record<string, string>>,
): Result<string[], string> {
	const missing = new Set<string>();
	const parts = command.map((part, index) =>
		part.replace(/\$\{([\w.-]+)\}/g, (whole, name: string) => {
			if (index > 0 && Object.hasOwn(values, name)) return values[name] as string;
			missing.add(whole);
			return whole;
		}),
	);
	if (missing.size > 0) return fail(`nothing is known for ${[...missing].join(", ")}`);
	if (parts.some((part) => part.includes("\0"))) return fail("an argument holds a NUL character");
	return succeed(parts);
}
