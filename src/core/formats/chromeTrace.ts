// Chrome traces (`about:tracing`, Perfetto, torch profiler): events of a program's performance.
import { asArray, asString, type JsonValue, member } from "../model/json.ts";
import { nothingToRead } from "./nothingToRead.ts";

export const chromeTrace = nothingToRead("chrome-trace", "Chrome performance trace", (sample) => {
	if (sample.layout !== "document") return 0;
	const events = asArray(member(sample.values[0], "traceEvents")) ?? asArray(sample.values[0]) ?? [];
	return events.slice(0, 20).some(isEvent) ? 0.95 : 0;
});

/** An event's phase is one letter, and it names a process. */
function isEvent(value: JsonValue): boolean {
	return /^[A-Za-z]$/.test(asString(member(value, "ph")) ?? "") && member(value, "pid") !== undefined;
}
