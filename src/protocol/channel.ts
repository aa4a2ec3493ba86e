// Requests, answers and notices between two ends that can post messages to each other. Every request ends: with its
// answer, an error from the other side, a time-out, or the closing of the channel.
import { fail, type Result, succeed } from "../core/model/problem.ts";
import { type Decoded, type Decoder, decode, flag, integer, oneOf, record, text, toWire } from "./decode.ts";

/** What a channel runs over: a webview, the page's window, a worker. */
export interface Port {
	post(message: unknown): void;
	/** Starts listening; the function that it gives stops it. */
	listen(receive: (message: unknown) => void): () => void;
}

export interface RequestShape {
	params: Decoder<unknown>;
	result: Decoder<unknown>;
}

export type Requests = Record<string, RequestShape>;
export type Notices = Record<string, Decoder<unknown>>;

/** One function for each request; a failure that the user should read is returned, everything else is a bug. */
export type Service<Shapes extends Requests> = {
	[Name in keyof Shapes]: (
		params: Decoded<Shapes[Name]["params"]>,
	) => Promise<Result<Decoded<Shapes[Name]["result"]>, string>>;
};

export type NoticeHandlers<Shapes extends Notices> = {
	[Name in keyof Shapes]: (params: Decoded<Shapes[Name]>) => void;
};

export interface ChannelOptions {
	/** Milliseconds until an unanswered request ends with an error. */
	timeout: number;
	/** Told about messages that were dropped because they had a wrong shape. */
	report(problem: string): void;
}

const frameKind = record({ kind: oneOf("request", "answer", "notice") });
const requestFrame = record({ id: integer, method: text });
const answerFrame = record({ id: integer, ok: flag });
const noticeFrame = record({ method: text });
const errorFrame = record({ error: text });

interface Waiting {
	finish(answer: unknown): void;
	close(reason: string): void;
}

/** The asking end: it sends requests and notices, and is told notices. */
export class AskingEnd<Shapes extends Requests, Told extends Notices, Tells extends Notices> {
	private readonly port: Port;
	private readonly shapes: Shapes;
	private readonly told: Told;
	private readonly handlers: NoticeHandlers<Told>;
	private readonly options: ChannelOptions;
	private readonly waiting = new Map<number, Waiting>();
	private readonly stop: () => void;
	private next = 1;
	private closed = false;

	constructor(port: Port, shapes: Shapes, told: Told, handlers: NoticeHandlers<Told>, options: ChannelOptions) {
		this.port = port;
		this.shapes = shapes;
		this.told = told;
		this.handlers = handlers;
		this.options = options;
		this.stop = port.listen((message) => this.receive(message));
	}

	/** Asks; never rejects. */
	ask<Name extends keyof Shapes & string>(
		method: Name,
		params: Decoded<Shapes[Name]["params"]>,
	): Promise<Result<Decoded<Shapes[Name]["result"]>, string>> {
		if (this.closed) return Promise.resolve(fail("the channel is closed"));
		const id = this.next++;
		return new Promise((resolve) => {
			const end = (result: Result<Decoded<Shapes[Name]["result"]>, string>) => {
				clearTimeout(timer);
				this.waiting.delete(id);
				resolve(result);
			};
			const timer = setTimeout(() => end(fail(`no answer to ${method}`)), this.options.timeout);
			this.waiting.set(id, {
				finish: (answer) => end(this.read(method, answer)),
				close: (reason) => end(fail(reason)),
			});
			this.port.post(toWire({ kind: "request", id, method, params }));
		});
	}

	tell<Name extends keyof Tells & string>(method: Name, params: Decoded<Tells[Name]>): void {
		if (!this.closed) this.port.post(toWire({ kind: "notice", method, params }));
	}

	/** Ends every open request with an error and hears nothing more. */
	close(): void {
		this.closed = true;
		this.stop();
		for (const waiting of [...this.waiting.values()]) waiting.close("the channel was closed");
	}

	private read<Name extends keyof Shapes & string>(
		method: Name,
		answer: unknown,
	): Result<Decoded<Shapes[Name]["result"]>, string> {
		const result = decode(this.shapes[method]?.result as Decoder<unknown>, answer);
		if (!result.ok) return fail(`the answer to ${method} has a wrong shape: ${result.error}`);
		return succeed(result.value as Decoded<Shapes[Name]["result"]>);
	}

	private receive(message: unknown): void {
		const kind = decode(frameKind, message);
		if (!kind.ok) this.options.report(`a message of a wrong shape: ${kind.error}`);
		else if (kind.value.kind === "answer") this.receiveAnswer(message);
		else if (kind.value.kind === "notice") deliver(this.told, this.handlers, message, this.options);
	}

	private receiveAnswer(message: unknown): void {
		const frame = decode(answerFrame, message);
		const waiting = frame.ok ? this.waiting.get(frame.value.id) : undefined;
		const error = decode(errorFrame, message);
		if (!frame.ok || waiting === undefined) this.options.report("an answer to nothing that was asked");
		else if (frame.value.ok) waiting.finish((message as { result?: unknown }).result);
		else waiting.close(error.ok ? error.value.error : "refused without a reason");
	}
}

/** The answering end: it answers requests, is told notices, and sends notices. */
export class AnsweringEnd<Shapes extends Requests, Told extends Notices, Tells extends Notices> {
	private readonly port: Port;
	private readonly shapes: Shapes;
	private readonly service: Service<Shapes>;
	private readonly told: Told;
	private readonly handlers: NoticeHandlers<Told>;
	private readonly options: Pick<ChannelOptions, "report">;
	private readonly stop: () => void;
	private closed = false;

	constructor(
		port: Port,
		shapes: Shapes,
		service: Service<Shapes>,
		told: Told,
		handlers: NoticeHandlers<Told>,
		options: Pick<ChannelOptions, "report">,
	) {
		this.port = port;
		this.shapes = shapes;
		this.service = service;
		this.told = told;
		this.handlers = handlers;
		this.options = options;
		this.stop = port.listen((message) => void this.receive(message));
	}

	tell<Name extends keyof Tells & string>(method: Name, params: Decoded<Tells[Name]>): void {
		if (!this.closed) this.port.post(toWire({ kind: "notice", method, params }));
	}

	close(): void {
		this.closed = true;
		this.stop();
	}

	private async receive(message: unknown): Promise<void> {
		const kind = decode(frameKind, message);
		if (!kind.ok) return this.options.report(`a message of a wrong shape: ${kind.error}`);
		if (kind.value.kind === "notice") return deliver(this.told, this.handlers, message, this.options);
		const frame = decode(requestFrame, message);
		if (!frame.ok) return this.options.report(`a request of a wrong shape: ${frame.error}`);
		const { id, method } = frame.value;
		const answer = await this.answer(method, (message as { params?: unknown }).params);
		if (this.closed) return;
		if (answer.ok) this.port.post(toWire({ kind: "answer", id, ok: true, result: answer.value }));
		else this.port.post({ kind: "answer", id, ok: false, error: answer.error });
	}

	private async answer(method: string, given: unknown): Promise<Result<unknown, string>> {
		if (!Object.hasOwn(this.shapes, method)) return fail(`nobody answers ${method}`);
		const params = decode(this.shapes[method]?.params as Decoder<unknown>, given);
		if (!params.ok) return fail(`${method} was asked wrongly: ${params.error}`);
		try {
			return await (this.service[method] as (params: unknown) => Promise<Result<unknown, string>>)(params.value);
		} catch (error) {
			// the page must not wait for ever because of a bug here; the bug itself is reported in full
			this.options.report(`${method}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
			return fail(`${method} failed: ${error instanceof Error ? error.message : String(error)}`);
		}
	}
}

function deliver<Shapes extends Notices>(
	shapes: Shapes,
	handlers: NoticeHandlers<Shapes>,
	message: unknown,
	options: Pick<ChannelOptions, "report">,
): void {
	const frame = decode(noticeFrame, message);
	if (!frame.ok || !Object.hasOwn(shapes, frame.value.method)) {
		options.report("a notice that nobody reads");
		return;
	}
	const { method } = frame.value;
	const params = decode(shapes[method] as Decoder<unknown>, (message as { params?: unknown }).params);
	if (params.ok) (handlers[method] as (params: unknown) => void)(params.value);
	else options.report(`the notice ${method} has a wrong shape: ${params.error}`);
}
