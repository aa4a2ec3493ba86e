// The page that test/bench/tree.bench.ts measures: the product's page over columns that were made elsewhere, so that
// nothing but the page itself is in its memory.
import "../../webview/page.css";
import { type D3ZoomEvent, select, zoom } from "d3";
import { type RunningPage, startPage } from "../../webview/app.ts";
import { growGroup } from "../../webview/group.ts";
import { layoutTree } from "../../webview/tree/layout.ts";

/** Messages as Node hands them over: ArrayBuffers as base64 under the key "$bytes". */
type Packed = { $bytes: string } | { [key: string]: Packed } | Packed[] | string | number | boolean | null;

function unpack(packed: Packed): unknown {
	if (packed === null || typeof packed !== "object") return packed;
	if (Array.isArray(packed)) return packed.every((entry) => typeof entry !== "object") ? packed : packed.map(unpack);
	if (typeof packed.$bytes === "string") {
		return Uint8Array.from(atob(packed.$bytes), (letter) => letter.charCodeAt(0)).buffer;
	}
	return Object.fromEntries(Object.entries(packed).map(([key, value]) => [key, unpack(value as Packed)]));
}

const bench = {
	page: null as RunningPage | null,
	tell: (_message: unknown): void => {},

	/** Starts the page over a snapshot; answers the milliseconds from the data's arrival to the first picture. */
	async open(snapshot: Packed): Promise<number> {
		const result = unpack(snapshot);
		let arrived = 0;
		const { port1, port2 } = new MessageChannel();
		port2.onmessage = ({ data }) => {
			if (data.kind !== "request") return;
			if (data.method !== "open") port2.postMessage({ kind: "answer", id: data.id, ok: false, error: "not measured" });
			else port2.postMessage({ kind: "answer", id: data.id, ok: true, result });
		};
		bench.tell = (message) => port2.postMessage(message);
		const heard = (receive: (message: unknown) => void) => {
			port1.onmessage = ({ data }) => {
				arrived ||= performance.now();
				receive(data);
			};
			return () => port1.close();
		};
		const port = { post: (message: unknown) => port1.postMessage(message), listen: heard };
		bench.page = startPage({ port, getState: () => undefined, setState: () => {} }, document.body);
		const { model } = bench.page;
		while (model.group === null || model.bucket.length < model.group.tree.parent.length) await frame();
		await frame();
		return performance.now() - arrived;
	},

	/** Own work of each of `frames` frames in milliseconds, while the picture is panned and zoomed. */
	async frames([frames, zoomTo]: [number, number]): Promise<{ work: number[]; intervals: number[] }> {
		const { view } = bench.page as RunningPage;
		view.fit();
		for (let factor = 1; factor < zoomTo; factor *= 1.5) view.zoomBy(1.5);
		await frame();
		const painted = view as unknown as { paint(): void; setCamera(camera: object): void };
		const work: number[] = [];
		const intervals: number[] = [];
		const paint = painted.paint.bind(view);
		painted.paint = () => {
			const started = performance.now();
			paint();
			work.push(performance.now() - started);
		};
		let last = performance.now();
		for (let number = 0; number < frames; number++) {
			const camera = view.geometry()?.camera;
			if (camera !== undefined) {
				const back = number % 60 < 30 ? 1 : -1;
				painted.setCamera({ ...camera, x: camera.x - 9 * back, y: camera.y - 7 * back, kx: camera.kx * 1.004 ** back });
			}
			const now = await frame();
			intervals.push(now - last);
			last = now;
		}
		painted.paint = paint;
		return { work, intervals: intervals.slice(1) };
	},

	/** Milliseconds of one layout of the whole tree. */
	layout(): number {
		const { model } = bench.page as RunningPage;
		const { group, layout, folded } = model;
		if (group === null || layout === null) return Number.NaN;
		const { weight, ended } = layout;
		const input = { tree: group.tree, children: group.children, weight, ended, folded };
		layoutTree(input);
		const started = performance.now();
		layoutTree(input);
		return performance.now() - started;
	},

	/** Milliseconds until a growth is part of the picture: taking it, arranging, colouring, painting. */
	async grow(growth: Packed): Promise<number> {
		const { model, view } = bench.page as RunningPage;
		const given = unpack(growth) as Parameters<typeof growGroup>[1];
		const before = model.group;
		if (before === null) return Number.NaN;
		// decoded as the channel would
		const views = given as unknown as { nodes: Record<string, ArrayBuffer>; rollouts: Record<string, unknown> };
		const ints = (value: unknown) => (value instanceof ArrayBuffer ? new Int32Array(value) : value);
		const { flags, ...columns } = views.nodes;
		const nodes = {
			...Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, ints(value)])),
			flags: new Uint8Array(flags as ArrayBuffer),
		};
		const { reward, outcome, relation, truncated, ...rest } = views.rollouts;
		const rollouts = {
			...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, ints(value)])),
			reward: new Float64Array(reward as ArrayBuffer),
			outcome: new Uint8Array(outcome as ArrayBuffer),
			relation: new Uint8Array(relation as ArrayBuffer),
			truncated: new Uint8Array(truncated as ArrayBuffer),
		};
		const started = performance.now();
		const grown = growGroup(before, { ...given, nodes, rollouts } as Parameters<typeof growGroup>[1]);
		if (grown === null) return Number.NaN;
		model.takeGrowth(grown);
		await model.recolour();
		(view as unknown as { paint(): void }).paint();
		return performance.now() - started;
	},

	/** The same tree as d3's examples draw it: an SVG path for each link, a circle for each node, one group for the zoom. */
	async svgFrames(frames: number): Promise<number[]> {
		const { model, view } = bench.page as RunningPage;
		const geometry = view.geometry();
		const { group, layout } = model;
		if (geometry === null || group === null || layout === null) return [];
		const shown = document.querySelector<HTMLElement>(".page") as HTMLElement;
		shown.hidden = true;
		const svg = select(document.body)
			.append("svg")
			.attr("width", geometry.size.width)
			.attr("height", geometry.size.height);
		const root = svg.append("g");
		const nodes = [...layout.order].filter((node) => node > 0);
		root
			.selectAll("path")
			.data(nodes)
			.join("path")
			.attr("fill", "none")
			.attr("stroke", (node) => model.scale.colours[model.bucket[node] as number] as string)
			.attr("d", (node) => {
				const parent = group.tree.parent[node] as number;
				return `M${geometry.x(parent)},${geometry.y(parent)}H${(geometry.x(parent) + geometry.x(node)) / 2}V${geometry.y(node)}H${geometry.x(node)}`;
			});
		root
			.selectAll("circle")
			.data(nodes)
			.join("circle")
			.attr("r", 2)
			.attr("cx", (node) => geometry.x(node))
			.attr("cy", (node) => geometry.y(node))
			.attr("fill", (node) => model.scale.colours[model.bucket[node] as number] as string);
		const behaviour = zoom<SVGSVGElement, unknown>().on("zoom", ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) =>
			root.attr("transform", String(transform)),
		);
		svg.call(behaviour);
		const intervals: number[] = [];
		let last = await frame();
		for (let number = 0; number < frames; number++) {
			const back = number % 60 < 30 ? 1 : -1;
			svg.call(behaviour.translateBy, -9 * back, -7 * back);
			svg.call(behaviour.scaleBy, 1.004 ** back);
			const now = await frame();
			intervals.push(now - last);
			last = now;
		}
		svg.remove();
		shown.hidden = false;
		return intervals.slice(1);
	},
};

function frame(): Promise<number> {
	return new Promise((resolve) => requestAnimationFrame(resolve));
}

declare global {
	interface Window {
		bench: typeof bench;
	}
}
window.bench = bench;
