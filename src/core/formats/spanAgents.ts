// Which spans of a trace belong to which agent: an agent that a tool call started is a sub-agent with a story of its own,
// while agents that hand over to each other tell one story together.
import { circleBreaks } from "./circles.ts";
import type { Span } from "./spanTree.ts";

export interface AgentSpans<Of extends Span> {
	/** The span of the sub-agent; null for the trace's own agents. */
	agent: Of | null;
	/** The tool run that started it. */
	startedBy: Of | null;
	/** Who started it; null where the trace's own agents did. */
	parent: Of | null;
	spans: Of[];
}

interface Standing<Of> {
	agent: Of | null;
	/** The innermost tool run around the span within its agent. */
	tool: Of | null;
}

/**
 * The trace's own spans first, then each sub-agent's, in the order of the log. A tool run belongs to who started it.
 * Where parents form a circle nobody can say who started whom: there all is told as one.
 */
export function spansByAgent<Of extends Span>(spans: readonly Of[]): AgentSpans<Of>[] {
	const own: AgentSpans<Of> = { agent: null, startedBy: null, parent: null, spans: [] };
	if (circleBreaks(new Map(spans.map((span) => [span.id, span.parent]))).size > 0)
		return [{ ...own, spans: [...spans] }];
	const found = new Map<Of | null, AgentSpans<Of>>([[null, own]]);
	const standingOf = standings(spans);
	for (const span of spans) {
		const { agent, tool } = standingOf(span);
		if (!isSubAgent(span, tool)) continue;
		found.set(span, { agent: span, startedBy: tool, parent: agent, spans: [] });
	}
	for (const span of spans) found.get(found.has(span) ? span : standingOf(span).agent)?.spans.push(span);
	return [...found.values()];
}

function isSubAgent(span: Span, tool: Span | null): boolean {
	return span.kind === "agent" && tool !== null;
}

/** Where each span stands: in which sub-agent and in which of its tool runs. No ancestor is walked twice. */
function standings<Of extends Span>(spans: readonly Of[]): (span: Of) => Standing<Of> {
	const byId = new Map(spans.map((span) => [span.id, span]));
	const parentOf = ({ parent }: Of) => (parent === null ? undefined : byId.get(parent));
	const known = new Map<Of, Standing<Of>>();
	return (span) => {
		const path: Of[] = [];
		for (let at: Of | undefined = span; at !== undefined && !known.has(at); at = parentOf(at)) path.push(at);
		for (let at = path.pop(); at !== undefined; at = path.pop()) {
			const parent = parentOf(at);
			const around = parent === undefined ? undefined : known.get(parent);
			known.set(at, parent === undefined || around === undefined ? OUTSIDE : inside(parent, around));
		}
		return known.get(span) ?? OUTSIDE;
	};
}

const OUTSIDE = { agent: null, tool: null };

function inside<Of extends Span>(parent: Of, around: Standing<Of>): Standing<Of> {
	if (isSubAgent(parent, around.tool)) return { agent: parent, tool: null };
	return parent.kind === "tool" ? { ...around, tool: parent } : around;
}
