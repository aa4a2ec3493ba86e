// The desks that callers work at: one for each caller, all snapshots in one bounded store.
import type { Arguments, Observation } from "../world/desk.ts";
import { callInSession, openSession, PLAIN_SESSION, type Session, type SessionSwitches } from "../world/session.ts";
import { components, openState } from "../world/state.ts";
import { findTask } from "../world/taskList.ts";

const MOST_SNAPSHOTS = 4096;

/** Snapshots are whole sessions, which never change, so taking and restoring one costs nothing. */
export class SnapshotStore {
	private readonly kept = new Map<string, Session>();
	private taken = 0;

	take(session: Session): string {
		const id = `snapshot-${++this.taken}`;
		this.kept.set(id, session);
		if (this.kept.size > MOST_SNAPSHOTS) this.kept.delete(this.kept.keys().next().value!);
		return id;
	}

	find(id: string): Session | null {
		return this.kept.get(id) ?? null;
	}
}

export type Answer = Observation;

/** One caller's desk. Before a ticket is opened, every call is refused. */
export class CallerDesk {
	private session: Session | null = null;
	private readonly snapshots: SnapshotStore;
	private readonly defaults: SessionSwitches;

	constructor(snapshots: SnapshotStore, defaults: SessionSwitches = PLAIN_SESSION) {
		this.snapshots = snapshots;
		this.defaults = defaults;
	}

	/** Opens a ticket on a fresh desk. */
	reset(taskId: string, seed: number, switches: Partial<SessionSwitches> = {}): Answer {
		const task = findTask(taskId);
		if (task === null) return refuse(`there is no ticket ${taskId}`);
		this.session = openSession(task, seed, { ...this.defaults, ...switches });
		return { ok: true, data: { ticket: task.id, seed } };
	}

	call(tool: string, args: Arguments): Answer {
		if (this.session === null) return refuse(NO_TICKET);
		const { session, observation } = callInSession(this.session, tool, args);
		this.session = session;
		return observation;
	}

	snapshot(): Answer {
		if (this.session === null) return refuse(NO_TICKET);
		return { ok: true, data: { snapshot_id: this.snapshots.take(this.session) } };
	}

	restore(id: string): Answer {
		const session = this.snapshots.find(id);
		if (session === null) return refuse(`there is no snapshot ${id}`);
		this.session = session;
		return { ok: true, data: { snapshot_id: id, ticket: session.task.id } };
	}

	/** The desk's part of the verifier's question: each component as 0 or 1, without what was only said. */
	inspect(): Answer {
		if (this.session === null) return refuse(NO_TICKET);
		const { task, desk } = this.session;
		const { closed, fields, statuses, refunds } = components(task, desk, openState(task).talk);
		return { ok: true, data: { closed, fields, statuses, refunds, orders: desk.orders } };
	}
}

const NO_TICKET = "no ticket is open: call world_reset first";

function refuse(error: string): Answer {
	return { ok: false, error };
}
