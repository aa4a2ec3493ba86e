// What a report is: a title and blocks of text and tables whose cells may lead to a step. Written as Markdown, with tables
// aligned as they stand in the source, because it is read in an editor.
import { oneLine } from "../text/line.ts";

/** Where a cell leads. */
export interface Target {
	/** Key of the rollout's summary. */
	rollout: string;
	/** 0-based step; null for the rollout as a whole. */
	step: number | null;
}

export interface Linked {
	text: string;
	target: Target;
}

export type Cell = string | Linked;

export interface Column {
	title: string;
	/** Numbers end flush. */
	right?: boolean;
}

export type Block =
	| { kind: "heading"; text: string }
	| { kind: "text"; text: string }
	| { kind: "list"; items: Cell[] }
	| { kind: "table"; columns: Column[]; rows: Cell[][] };

export interface Report {
	title: string;
	blocks: Block[];
}

/** A part of a line that leads to a step; 0-based line and columns. */
export interface Link {
	line: number;
	start: number;
	end: number;
	target: Target;
}

export interface RenderedReport {
	text: string;
	links: Link[];
	/** Headings below the title, with their 0-based lines. */
	headings: { line: number; text: string }[];
}

export const heading = (text: string): Block => ({ kind: "heading", text });
export const text = (line: string): Block => ({ kind: "text", text: line });
export const list = (items: Cell[]): Block => ({ kind: "list", items });
export const right = (title: string): Column => ({ title, right: true });
export const left = (title: string): Column => ({ title });

/** Rows beyond this many are counted, not listed: nobody reads them, and editors fold long tables badly. */
const MOST_ROWS = 500;

/** A table; without rows nothing. */
export function table(columns: Column[], rows: Cell[][]): Block[] {
	if (rows.length === 0) return [];
	const shown: Block = { kind: "table", columns, rows: rows.slice(0, MOST_ROWS) };
	return rows.length > MOST_ROWS ? [shown, text(`… and ${rows.length - MOST_ROWS} more rows.`)] : [shown];
}

/** Text of a log as code: nothing in it is a link, a picture or markup, in the source and in a preview. */
export function quoted(value: string, limit = 60): string {
	return `\`${oneLine(value, limit).replaceAll("`", "ʼ").replaceAll("|", "¦")}\``;
}

export function linkTo(label: string, rollout: string, step: number | null): Linked {
	return { text: label, target: { rollout, step } };
}

export function renderReport(report: Report): RenderedReport {
	const lines = [`# ${report.title}`];
	const links: Link[] = [];
	const headings: RenderedReport["headings"] = [];
	for (const block of report.blocks) {
		lines.push("");
		if (block.kind === "heading") {
			headings.push({ line: lines.length, text: block.text });
			lines.push(`## ${block.text}`);
		}
		if (block.kind === "text") lines.push(...wrapped(block.text, ""));
		else if (block.kind === "list") renderList(block.items, lines, links);
		else if (block.kind === "table") renderTable(block.columns, block.rows, lines, links);
	}
	return { text: `${lines.join("\n")}\n`, links, headings };
}

function renderList(items: readonly Cell[], lines: string[], links: Link[]): void {
	for (const item of items) {
		addLink(item, lines.length, 2, links);
		if (typeof item === "string") lines.push(...wrapped(`- ${item}`, "  "));
		else lines.push(`- ${item.text}`);
	}
}

/** Sentences are folded here: tables are not, so the editor cannot be asked to do it. */
const LINE_LENGTH = 110;

/** @param indent what the second and later lines begin with */
function wrapped(sentence: string, indent: string): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of sentence.split(" ")) {
		if (line !== "" && line.length + 1 + word.length > LINE_LENGTH) {
			lines.push(line);
			line = indent + word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line];
}

function renderTable(
	columns: readonly Column[],
	rows: readonly (readonly Cell[])[],
	lines: string[],
	links: Link[],
): void {
	const widths = columns.map(({ title }, index) =>
		rows.reduce((width, row) => Math.max(width, widthOf(textOf(row[index] ?? ""))), Math.max(3, widthOf(title))),
	);
	const row = (cells: readonly Cell[]): void => {
		let line = "|";
		columns.forEach(({ right: flush }, index) => {
			const cell = cells[index] ?? "";
			const gap = " ".repeat(Math.max(0, (widths[index] as number) - widthOf(textOf(cell))));
			line += flush === true ? ` ${gap}` : " ";
			addLink(cell, lines.length, line.length, links);
			line += `${textOf(cell)}${flush === true ? "" : gap} |`;
		});
		lines.push(line);
	};
	row(columns.map(({ title }) => title));
	const rule = columns.map(({ right: flush }, index) => {
		const dashes = "-".repeat((widths[index] as number) - (flush === true ? 1 : 0));
		return flush === true ? `${dashes}:` : dashes;
	});
	lines.push(`| ${rule.join(" | ")} |`);
	for (const cells of rows) row(cells);
}

function textOf(cell: Cell): string {
	return typeof cell === "string" ? cell : cell.text;
}

/** Columns that a text takes: wide characters (East Asian, emoji) take two. */
function widthOf(value: string): number {
	let width = 0;
	for (const character of value) width += WIDE.test(character) ? 2 : 1;
	return width;
}

const WIDE =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function addLink(cell: Cell, line: number, start: number, links: Link[]): void {
	if (typeof cell === "string") return;
	links.push({ line, start, end: start + cell.text.length, target: cell.target });
}
