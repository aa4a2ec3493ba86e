// Python objects printed into a file (`Trace(trace_id='…', …)`), bare or as JSON texts one a line: meant for eyes, and
// not to be read back without the classes that printed them.
import { nothingToRead } from "./nothingToRead.ts";

const PRINTED = /^\s*"?(?:<?[A-Z]\w*(?:\.\w+)*\(\w+=|<[\w.]+ object at 0x)/;

export const pythonReprs = nothingToRead("python-reprs", "Printed Python objects", (sample) => {
	if (sample.layout !== "text") return 0;
	const [first = ""] = sample.text.trimStart().split("\n", 1);
	return PRINTED.test(first.slice(0, 200)) ? 0.9 : 0;
});
