// Assembles the part of WebAssembly's text format that our kernel is written in: functions of numbers and vectors, in
// folded form, with named locals and labels. Anything else is refused.

/** Assembles one module. @throws where the source uses what is not supported here */
export function assemble(source: string): Uint8Array {
	const [module] = parse(source);
	if (!Array.isArray(module) || module[0] !== "module") throw new Error("not a module");
	const fields = module.slice(1).filter(Array.isArray);
	const memory = fields.find((field) => field[0] === "memory");
	const functions = fields.filter((field) => field[0] === "func").map(declare);
	const names = new Map(functions.map(({ name }, index) => [name, index]));
	const exported = functions.flatMap(({ exportName }, index) =>
		exportName === null ? [] : [[...text(exportName), 0, ...unsigned(index)]],
	);
	if (memory !== undefined) exported.push([...text(exportOf(memory) ?? "memory"), 2, 0]);
	const pages = Number(memory?.at(-1));
	return new Uint8Array([
		...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		...section(1, vector(functions.map(({ signature }) => signature))),
		...section(3, vector(functions.map((_, index) => unsigned(index)))),
		...section(5, vector([[0, ...unsigned(pages)]])),
		...section(7, vector(exported)),
		...section(10, vector(functions.map((declared) => sized(codeOf(declared, names))))),
	]);
}

type Node = string | Node[];

function parse(source: string): Node[] {
	const tokens = source.replace(/;;.*$/gm, "").match(/[()]|"[^"]*"|[^\s()]+/g) ?? [];
	const stack: Node[][] = [[]];
	for (const token of tokens) {
		if (token === "(") stack.push([]);
		else if (token === ")") {
			const closed = stack.pop() as Node[];
			if (stack.length === 0) throw new Error("a closing parenthesis too many");
			(stack.at(-1) as Node[]).push(closed);
		} else (stack.at(-1) as Node[]).push(token);
	}
	if (stack.length !== 1) throw new Error("a closing parenthesis is missing");
	return stack[0] as Node[];
}

interface Declared {
	name: string;
	exportName: string | null;
	signature: number[];
	/** Index of each parameter and local by its name. */
	locals: Map<string, number>;
	localTypes: number[];
	body: Node[];
}

const TYPES: Record<string, number> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

function declare(field: Node[]): Declared {
	const declared: Declared = {
		name: typeof field[1] === "string" ? field[1] : "",
		exportName: exportOf(field),
		signature: [],
		locals: new Map(),
		localTypes: [],
		body: [],
	};
	const parameters: number[] = [];
	const results: number[] = [];
	for (const part of field.slice(1)) {
		if (!Array.isArray(part)) continue;
		const [kind, name, type] = part as string[];
		if (kind === "param" || kind === "local") {
			declared.locals.set(name as string, declared.locals.size);
			(kind === "param" ? parameters : declared.localTypes).push(typeNamed(type));
		} else if (kind === "result") results.push(typeNamed(name));
		else if (kind !== "export") declared.body.push(part);
	}
	declared.signature = [0x60, ...vector(parameters.map((type) => [type])), ...vector(results.map((type) => [type]))];
	return declared;
}

function exportOf(field: Node[]): string | null {
	const found = field.find((part) => Array.isArray(part) && part[0] === "export");
	return found === undefined ? null : (found[1] as string).slice(1, -1);
}

function typeNamed(name: string | undefined): number {
	const type = TYPES[name ?? ""];
	if (type === undefined) throw new Error(`no type ${name}`);
	return type;
}

function codeOf(declared: Declared, functions: Map<string, number>): number[] {
	const code: number[] = [];
	const labels: string[] = [];
	for (const node of declared.body) emit(node, code, labels, declared.locals, functions);
	return [...vector(declared.localTypes.map((type) => [1, type])), ...code, END];
}

const END = 0x0b;
const BLOCKS: Record<string, number> = { block: 0x02, loop: 0x03 };
/** Instructions without immediates. Vector instructions follow the prefix 0xfd. */
const PLAIN: Record<string, number[]> = {
	return: [0x0f],
	"i32.eqz": [0x45],
	"i32.eq": [0x46],
	"i32.lt_u": [0x49],
	"i32.le_u": [0x4d],
	"i32.ge_u": [0x4f],
	"i32.ctz": [0x68],
	"i32.popcnt": [0x69],
	"i32.add": [0x6a],
	"i32.sub": [0x6b],
	"i32.and": [0x71],
	"i32.or": [0x72],
	"i32.shl": [0x74],
	"i64.and": [0x83],
	"i64.or": [0x84],
	"i64.shl": [0x86],
	"i64.shr_u": [0x88],
	"i32.wrap_i64": [0xa7],
	"i64.extend_i32_u": [0xad],
	"i8x16.splat": [0xfd, 0x0f],
	"i8x16.eq": [0xfd, 0x23],
	"i8x16.lt_u": [0xfd, 0x26],
	"v128.or": [0xfd, 0x50],
	"i8x16.bitmask": [0xfd, 0x64],
	// loads state an alignment of one byte and no offset
	"i32.load": [0x28, 0, 0],
	"i32.load8_u": [0x2d, 0, 0],
	"v128.load": [0xfd, 0x00, 0, 0],
};

/** Operands first, then the instruction: the folded form turned inside out. */
function emit(
	node: Node,
	code: number[],
	labels: string[],
	locals: Map<string, number>,
	functions: Map<string, number>,
): void {
	if (!Array.isArray(node)) throw new Error(`a bare ${node}`);
	const [head, ...rest] = node as [string, ...Node[]];
	const operands = (from: number) => {
		for (const operand of rest.slice(from)) emit(operand, code, labels, locals, functions);
	};
	const within = (label: string, body: Node[]) => {
		for (const inner of body) emit(inner, code, [...labels, label], locals, functions);
	};
	const plain = PLAIN[head];
	if (plain !== undefined) {
		operands(0);
		code.push(...plain);
	} else if (BLOCKS[head] !== undefined) {
		code.push(BLOCKS[head], 0x40);
		within(rest[0] as string, rest.slice(1));
		code.push(END);
	} else if (head === "if") {
		const [then, otherwise] = ["then", "else"].map((arm) => rest.find((part) => part[0] === arm));
		emit(rest[0] as Node, code, labels, locals, functions);
		code.push(0x04, 0x40);
		within("", (then ?? []).slice(1) as Node[]);
		if (otherwise !== undefined) {
			code.push(0x05);
			within("", otherwise.slice(1) as Node[]);
		}
		code.push(END);
	} else {
		operands(1);
		code.push(...named(head, rest[0] as string, labels, locals, functions));
	}
}

/** Instructions whose immediate is a number or the name of a local, a label or a function. */
function named(
	head: string,
	name: string,
	labels: string[],
	locals: Map<string, number>,
	functions: Map<string, number>,
): number[] {
	if (head === "i32.const") return [0x41, ...signed(Number(name))];
	if (head === "i64.const") return [0x42, ...signed(Number(name))];
	if (head === "local.get") return [0x20, ...unsigned(indexOf(name, locals))];
	if (head === "local.set") return [0x21, ...unsigned(indexOf(name, locals))];
	if (head === "call") return [0x10, ...unsigned(indexOf(name, functions))];
	const opcode = { br: 0x0c, br_if: 0x0d }[head];
	const depth = labels.length - 1 - labels.lastIndexOf(name);
	if (opcode === undefined || depth === labels.length) throw new Error(`cannot assemble ${head} ${name}`);
	return [opcode, ...unsigned(depth)];
}

function indexOf(name: string, names: Map<string, number>): number {
	const index = names.get(name);
	if (index === undefined) throw new Error(`nothing is called ${name}`);
	return index;
}

function unsigned(value: number): number[] {
	return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
	const byte = value & 127;
	const rest = value >> 7;
	const last = (rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0);
	return last ? [byte] : [byte | 128, ...signed(rest)];
}

function vector(elements: number[][]): number[] {
	return [...unsigned(elements.length), ...elements.flat()];
}

function sized(bytes: number[]): number[] {
	return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, bytes: number[]): number[] {
	return [id, ...sized(bytes)];
}

function text(value: string): number[] {
	return sized([...new TextEncoder().encode(value)]);
}
