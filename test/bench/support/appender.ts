// Appends records to a log at a steady rate, in pieces that split lines and characters, and sends when each was whole.
import { closeSync, openSync, writeSync } from "node:fs";

const [file = "", perSecond = "1000", seconds = "10", bytes = "2048"] = process.argv.slice(2);
const PIECES = 3;
const TICK_MS = 5;

const descriptor = openSync(file, "a");
const filler = "appended text with wide characters → é 注文 ";
const written: [string, number][] = [];
const total = Number(perSecond) * Number(seconds);
const started = performance.now();
const timer = setInterval(() => {
	const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * Number(perSecond)));
	while (written.length < due) append(written.length);
	if (written.length < total) return;
	clearInterval(timer);
	closeSync(descriptor);
	process.send?.(written);
}, TICK_MS);

function append(number: number): void {
	const start = `{"task_id":"live","trial":${number},"reward":1,"messages":[{"role":"user","content":"`;
	const room = Number(bytes) - start.length - 6;
	const record = Buffer.from(`${start}${filler.repeat(Math.ceil(room / filler.length)).slice(0, room)}"}]}\n`);
	for (let piece = 0; piece < PIECES; piece++) {
		const from = Math.floor((record.length * piece) / PIECES);
		writeSync(descriptor, record.subarray(from, Math.floor((record.length * (piece + 1)) / PIECES)));
	}
	written.push([`live/${number}`, performance.timeOrigin + performance.now()]);
}
