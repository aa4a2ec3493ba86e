// The messages between page and host: what fits is read, what does not is refused, and every question ends.
import { describe, expect, test } from "vitest";
import { fail, succeed } from "../../../src/core/model/problem.ts";
import { AnsweringEnd, AskingEnd, type Port, type Service } from "../../../src/protocol/channel.ts";
import {
	decode,
	float64s,
	int32s,
	integer,
	list,
	nullable,
	oneOf,
	record,
	text,
	toWire,
} from "../../../src/protocol/decode.ts";

const requests = {
	double: { params: record({ values: int32s }), result: record({ values: float64s }) },
	refuse: { params: record({}), result: text },
	explode: { params: record({}), result: text },
	forget: { params: record({}), result: text },
	lie: { params: record({}), result: integer },
};
const told = { arrived: record({ number: integer }) };
const tells = { chosen: record({ name: text }) };

const service: Service<typeof requests> = {
	double: async ({ values }) => succeed({ values: Float64Array.from(values, (value) => value * 2) }),
	refuse: async () => fail("not today"),
	explode: async () => {
		throw new Error("a bug");
	},
	forget: () => new Promise(() => {}),
	lie: async () => succeed("not a number" as unknown as number),
};

/** Two ports that copy messages as browsers do. */
function ports(): { page: Port; host: Port; posted: unknown[] } {
	const posted: unknown[] = [];
	const listeners: { page: ((message: unknown) => void)[]; host: ((message: unknown) => void)[] } = {
		page: [],
		host: [],
	};
	const port = (own: "page" | "host", other: "page" | "host"): Port => ({
		post: (message) => {
			const copy: unknown = structuredClone(message);
			posted.push(copy);
			queueMicrotask(() => {
				for (const receive of listeners[other]) receive(copy);
			});
		},
		listen: (receive) => {
			listeners[own].push(receive);
			return () => listeners[own].splice(listeners[own].indexOf(receive), 1);
		},
	});
	return { page: port("page", "host"), host: port("host", "page"), posted };
}

function connected(timeout = 1000) {
	const { page, host, posted } = ports();
	const reports: string[] = [];
	const heard: unknown[] = [];
	const report = (problem: string) => reports.push(problem);
	const answering = new AnsweringEnd<typeof requests, typeof tells, typeof told>(
		host,
		requests,
		service,
		tells,
		{ chosen: (notice) => heard.push(notice) },
		{ report },
	);
	const asking = new AskingEnd<typeof requests, typeof told, typeof tells>(
		page,
		requests,
		told,
		{ arrived: (notice) => heard.push(notice) },
		{ timeout, report },
	);
	return { page, host, posted, reports, heard, answering, asking };
}

describe("a question", () => {
	test("is answered, arrays travelling as buffers of exactly their own bytes", async () => {
		const { asking, posted } = connected();
		const answer = await asking.ask("double", { values: new Int32Array([9, 1, 2]).subarray(1) });
		expect(answer).toEqual({ ok: true, value: { values: Float64Array.from([2, 4]) } });
		expect(posted[0]).toMatchObject({ params: { values: new Int32Array([1, 2]).buffer } });
	});

	test("ends with the other side's reason, also when that is a bug or of a wrong shape", async () => {
		const { asking, reports } = connected();
		expect(await asking.ask("refuse", {})).toEqual({ ok: false, error: "not today" });
		expect(await asking.ask("explode", {})).toEqual({ ok: false, error: "explode failed: a bug" });
		expect(reports.join()).toContain("Error: a bug");
		expect(await asking.ask("lie", {})).toEqual({
			ok: false,
			error: "the answer to lie has a wrong shape: expected an integer",
		});
	});

	test("ends when nobody answers, when the page is closed, and after it was closed", async () => {
		const silent = connected(5);
		expect(await silent.asking.ask("forget", {})).toEqual({ ok: false, error: "no answer to forget" });
		const { asking } = connected(60_000);
		const open = asking.ask("forget", {});
		asking.close();
		expect(await open).toEqual({ ok: false, error: "the channel was closed" });
		expect(await asking.ask("refuse", {})).toEqual({ ok: false, error: "the channel is closed" });
	});
});

describe("a message of a wrong shape", () => {
	test.each([
		["nothing", undefined],
		["a word", "open"],
		["an unknown kind", { kind: "order" }],
		["an answer to nothing", { kind: "answer", id: 77, ok: true, result: 1 }],
		["a notice that nobody reads", { kind: "notice", method: "toString" }],
		["a notice without its number", { kind: "notice", method: "arrived", params: { number: "many" } }],
	])("%s is reported and harms nothing", async (_, message) => {
		const { host, asking, reports, heard } = connected();
		host.post(message);
		expect(await asking.ask("refuse", {})).toEqual({ ok: false, error: "not today" });
		expect(reports).toHaveLength(1);
		expect(heard).toEqual([]);
	});

	test.each([
		[
			"an unknown question",
			{ kind: "request", id: 1, method: "constructor", params: {} },
			"nobody answers constructor",
		],
		[
			"one without its arrays",
			{ kind: "request", id: 1, method: "double", params: { values: [1] } },
			"double was asked wrongly: expected an ArrayBuffer of 32-bit integers at /values",
		],
	])("%s is refused", async (_, message, error) => {
		const { page, posted, asking } = connected();
		page.post(message);
		await asking.ask("refuse", {});
		expect(posted).toContainEqual({ kind: "answer", id: 1, ok: false, error });
	});
});

test("notices go both ways", async () => {
	const { answering, asking, heard } = connected();
	answering.tell("arrived", { number: 3 });
	asking.tell("chosen", { name: "r1" });
	await asking.ask("refuse", {});
	expect(heard).toEqual([{ number: 3 }, { name: "r1" }]);
});

test("a decoder names the place that does not fit and takes nothing from prototypes", () => {
	const shape = record({ entries: list(record({ kind: oneOf("a", "b"), note: nullable(text) })) });
	expect(decode(shape, { entries: [{ kind: "a", note: null, more: 1 }] })).toEqual({
		ok: true,
		value: { entries: [{ kind: "a", note: null }] },
	});
	expect(decode(shape, { entries: [{ kind: "a", note: null }, { kind: "c" }] })).toEqual({
		ok: false,
		error: "expected a or b at /entries/1/kind",
	});
	expect(decode(record({ constructor: text }), {})).toMatchObject({ ok: false });
	expect(toWire({ deep: [{ column: new Uint8Array([1, 2, 3]).subarray(1) }] })).toEqual({
		deep: [{ column: new Uint8Array([2, 3]).buffer }],
	});
});
