// A rollout of an agent that works on a screen, with screenshots drawn here: for pictures and tests of the film-strip.
import { writeFile } from "node:fs/promises";
import { PNG } from "pngjs";

type Colour = readonly [red: number, green: number, blue: number];
interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
	colour: Colour;
}

const WIDTH = 270;
const HEIGHT = 480;
const PAPER: Colour = [246, 247, 249];
const INK: Colour = [60, 66, 82];
const FAINT: Colour = [208, 213, 222];
const ACCENT: Colour = [38, 105, 201];

/** Writes a log of one failed rollout of five actions: a list is opened, scrolled, searched, and the wrong row is chosen. */
export async function writeScreenLog(file: string): Promise<void> {
	const list = [bar(), ...rows(5, 70)];
	const scrolled = [bar(), ...rows(6, 46)];
	const search = [bar(), field(), ...rows(2, 120)];
	const detail = [bar(), { x: 24, y: 90, width: 222, height: 150, colour: FAINT }, button()];
	const messages = [
		{ role: "user", content: [{ type: "text", text: "Order the small lamp, not the large one." }, screen(list)] },
		acts("swipe", { coordinate: [135, 380], coordinate2: [135, 150] }, "I look further down the list."),
		sees(scrolled),
		acts("tap", { coordinate: [135, 25] }, "The list is long: I search."),
		sees(search),
		acts("type", { text: "lamp" }, "I type what I look for."),
		sees(search),
		acts("tap", { coordinate: [135, 145] }, "I take the first one."),
		sees(detail),
		acts("tap", { coordinate: [135, 430] }, "I order it."),
	];
	await writeFile(file, `${JSON.stringify({ task_id: "small-lamp", trial: 0, reward: 0, messages })}\n`);
}

function acts(name: string, args: object, said: string): object {
	const call = { id: `${name}-${said.length}`, type: "function", function: { name, arguments: JSON.stringify(args) } };
	return { role: "assistant", content: said, tool_calls: [call] };
}

function sees(boxes: readonly Box[]): object {
	return { role: "user", content: [screen(boxes)] };
}

function screen(boxes: readonly Box[]): object {
	const png = new PNG({ width: WIDTH, height: HEIGHT });
	for (const box of [{ x: 0, y: 0, width: WIDTH, height: HEIGHT, colour: PAPER }, ...boxes]) fill(png, box);
	return {
		type: "image_url",
		image_url: { url: `data:image/png;base64,${PNG.sync.write(png).toString("base64")}` },
	};
}

function fill(png: PNG, { x, y, width, height, colour }: Box): void {
	for (let row = y; row < Math.min(HEIGHT, y + height); row++)
		for (let column = x; column < x + width; column++) png.data.set([...colour, 255], 4 * (row * WIDTH + column));
}

function bar(): Box {
	return { x: 0, y: 0, width: WIDTH, height: 48, colour: ACCENT };
}

function field(): Box {
	return { x: 24, y: 62, width: 222, height: 32, colour: [255, 255, 255] };
}

function button(): Box {
	return { x: 60, y: 410, width: 150, height: 40, colour: ACCENT };
}

function rows(count: number, from: number): Box[] {
	return Array.from({ length: count }, (_, number) => from + number * 76).flatMap((y) => [
		{ x: 24, y, width: 52, height: 52, colour: FAINT },
		{ x: 92, y: y + 6, width: 110, height: 10, colour: INK },
		{ x: 92, y: y + 28, width: 140, height: 8, colour: FAINT },
	]);
}
