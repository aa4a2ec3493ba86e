// A rollout's steps as short lines that a person reads at a glance: who, what was said, thought, called and seen.
import type { Rollout } from "../../src/core/model/trajectory.ts";

/** `agent (thought) text [tool {"arguments":1} -> result, !failed result]`; parts that are not there are left out. */
export function story(rollout: Rollout | undefined): string[] {
	return (rollout?.steps ?? []).map((step) => {
		const calls = step.calls.map((call) => `${call.name} ${JSON.stringify(call.arguments)}`).join("; ");
		const seen = step.observations.map((result) => `${result.isError ? "!" : ""}${result.text}`).join(", ");
		const acted = calls === "" && seen === "" ? "" : `[${[calls, seen].filter((part) => part !== "").join(" -> ")}]`;
		const thought = step.reasoning === "" ? "" : `(${step.reasoning})`;
		return [step.role, thought, step.text, acted].filter((part) => part !== "").join(" ");
	});
}
