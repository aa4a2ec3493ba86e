// Skips over JSON in raw bytes several times as fast as parsing it, and refuses whatever JSON.parse would refuse.
// A WebAssembly kernel does it (kernel.wat) in memory of its own, into which the bytes must be read.
import { KERNEL_BASE64 } from "./kernelBytes.ts";

/** Places are indices into `bytes`. Answers are 0 where the JSON is not valid before `end`, or nested beyond 60. */
export interface Scanner {
	readonly bytes: Uint8Array;
	/** The first place from `at` on that is no white space, at most `end`. */
	skipSpace(at: number, end: number): number;
	/** `at` is an opening quote; the answer is one past the closing quote. */
	skipString(at: number, end: number): number;
	/** `at` is the first byte of a value; the answer is one past it. */
	skipValue(at: number, end: number): number;
	/** Newlines from `at` to before `end`. */
	countNewlines(at: number, end: number): number;
}

const PAGE = 65_536;
/** The kernel loads whole blocks, so that it may look past the end of what it was asked about. */
const SLACK = 64;

/** As much of WebAssembly as is used here: no type library is common to all our programs and declares it. */
interface WebAssemblyApi {
	Module: new (bytes: Uint8Array) => object;
	Instance: new (module: object) => { exports: unknown };
}

interface KernelExports extends Omit<Scanner, "bytes"> {
	memory: { buffer: ArrayBuffer; grow(pages: number): number };
}

let compiled: object | undefined;

/**
 * A scanner with `capacity` bytes of its own memory, all zero; the caller fills `bytes` with what is to be scanned.
 * @param view makes `bytes`: some kinds of array search faster than others
 */
export function createScanner(
	capacity: number,
	view: (memory: ArrayBuffer, length: number) => Uint8Array = (memory, length) => new Uint8Array(memory, 0, length),
): Scanner {
	const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
	compiled ??= new Module(Uint8Array.from(atob(KERNEL_BASE64), (character) => character.charCodeAt(0)));
	const { memory, ...kernel } = new Instance(compiled).exports as KernelExports;
	memory.grow(Math.ceil((capacity + SLACK) / PAGE));
	return { ...kernel, bytes: view(memory.buffer, capacity) };
}
