// The tree on the screen: one canvas, redrawn when something changed, with pan, zoom, pointer and keyboard.
import { type D3ZoomEvent, pointer, select, zoom, zoomIdentity } from "d3";
import { rowCaptions } from "../captions.ts";
import { element } from "../dom.ts";
import { animate } from "../motion.ts";
import type { Change, PageModel } from "../pageModel.ts";
import {
	type Camera,
	type Extent,
	fitCamera,
	mixCameras,
	panCamera,
	partCamera,
	revealCamera,
	type Size,
	zoomCamera,
} from "./camera.ts";
import { Geometry } from "./geometry.ts";
import { TreeKeys } from "./keys.ts";
import { rowEnd, type TreeLayout } from "./layout.ts";
import { paintTree } from "./paint.ts";
import type { Caption, Scene } from "./scene.ts";
import { CanvasSurface, type Fonts } from "./surface.ts";
import { eachInRow, visibleRows } from "./visible.ts";

/** Labels are asked for once the view has stood still this long, in milliseconds. */
const SETTLED = 60;

export class TreeView {
	readonly element: HTMLElement;
	private readonly model: PageModel;
	private readonly canvas = element("canvas", { attributes: { "aria-hidden": true } });
	private readonly surface: CanvasSurface;
	private readonly keys: TreeKeys;
	private readonly moved: () => void;
	private camera: Camera | null;
	private size: Size = { width: 0, height: 0 };
	private captions: (row: number) => Caption = () => ({ glyph: "unknown", colour: "", strong: "", weak: "" });
	private pending = 0;
	private settling: ReturnType<typeof setTimeout> | undefined;
	private stopMotion: () => void = () => {};

	/** @param moved called after every change of the camera, for the minimap and the hover card */
	constructor(model: PageModel, fonts: Fonts, moved: () => void) {
		this.model = model;
		this.moved = moved;
		this.camera = model.state.camera;
		this.surface = new CanvasSurface(this.canvas.getContext("2d") as CanvasRenderingContext2D, fonts);
		this.keys = new TreeKeys(model, {
			geometry: () => this.geometry(),
			reveal: (node) => this.reveal(node),
			zoomBy: (factor) => this.zoomBy(factor),
			fit: () => this.fit(),
			zoomToSelection: () => this.zoomToSelection(),
		});
		this.element = element("div", { class: "tree-view" }, this.canvas, this.keys.element);
		new ResizeObserver(() => this.resize()).observe(this.element);
		this.listenToPointer();
		model.onChange((change) => this.changed(change));
	}

	/** The picture's geometry as it is on the screen; null while there is nothing to show. */
	geometry(): Geometry | null {
		const { group, layout } = this.model;
		if (group === null || layout === null || this.size.width === 0) return null;
		return new Geometry(group.tree, layout, this.camera ?? fitCamera(layout, this.size), this.size);
	}

	/** Everything that a frame is painted from; null while there is nothing to show. */
	scene(): Scene | null {
		const geometry = this.geometry();
		const { model } = this;
		if (geometry === null || model.group === null || model.bucket.length < model.group.tree.parent.length) return null;
		return {
			geometry,
			palette: model.palette,
			scale: model.scale,
			bucket: model.bucket,
			means: model.means(geometry.layout),
			flags: model.group.flags,
			kind: (node) => model.kind(node),
			name: (node) => model.name(node),
			label: (node) => model.label(node),
			value: (node) => {
				const value = model.values[node] as number;
				return Number.isNaN(value) ? "" : (model.mode?.write(value) ?? "");
			},
			caption: this.captions,
			folded: model.folded,
			foldRuns: model.state.foldRuns,
			marks: model.marks,
			ghosts: this.ghosts(geometry.layout),
			hits: model.hits,
			hovered: model.hovered,
			active: this.keys.active,
			selectedPath: model.selectedPath(),
			fresh: model.fresh,
		};
	}

	fit(): void {
		const { layout } = this.model;
		if (layout !== null) this.moveTo(fitCamera(layout, this.size));
	}

	/** Brings the selected step and everything after it into the window; without a selection the whole tree. */
	zoomToSelection(): void {
		const { layout, selected } = this.model;
		const extent = this.extent();
		const node = selected?.node ?? 0;
		const row = layout?.rowOf[node] ?? -1;
		if (layout === null || extent === null || row === -1) return;
		const depth = (at: number) => this.model.group?.tree.depth[at] ?? 0;
		const lastRow = layout.lastRow[node] as number;
		let lastStep = depth(node);
		for (let below = row; below <= lastRow; below++) lastStep = Math.max(lastStep, depth(rowEnd(layout, below)));
		const part = { firstStep: Math.max(0, depth(node)), lastStep, firstRow: row, lastRow };
		this.moveTo(partCamera(part, extent, this.size));
	}

	zoomBy(factor: number): void {
		const extent = this.extent();
		const camera = this.current();
		if (extent === null || camera === null) return;
		const active = this.keys.active;
		const geometry = this.geometry();
		const at =
			geometry !== null && active > 0 && (geometry.layout.rowOf[active] as number) >= 0
				? { x: geometry.x(active), y: geometry.y(active) }
				: { x: this.size.width / 2, y: this.size.height / 2 };
		this.moveTo(zoomCamera(camera, factor, at, extent, this.size));
	}

	/** Brings a node well into the window, moving as little as possible. */
	reveal(node: number): void {
		const extent = this.extent();
		const camera = this.current();
		const geometry = this.geometry();
		if (extent === null || camera === null || geometry === null) return;
		const row = geometry.layout.rowOf[node] as number;
		const step = geometry.tree.depth[node] as number;
		if (row >= 0) this.moveTo(revealCamera(camera, Math.max(step, 0), row, extent, this.size));
	}

	/** Puts a place of the picture, in steps and rows, into the middle of the window. */
	centreOn(step: number, row: number): void {
		const extent = this.extent();
		const camera = this.current();
		if (extent === null || camera === null) return;
		const x = this.size.width / 2 - step * camera.kx;
		const y = this.size.height / 2 - row * camera.ky;
		this.setCamera(panCamera(camera, x - camera.x, y - camera.y, extent, this.size));
	}

	focus(): void {
		this.keys.element.focus();
	}

	invalidate(): void {
		if (this.pending !== 0) return;
		this.pending = requestAnimationFrame(() => {
			this.pending = 0;
			this.paint();
		});
	}

	private extent(): Extent | null {
		const { layout } = this.model;
		if (layout === null) return null;
		const ghosts = this.ghosts(layout);
		const end = ghosts === null ? -1 : (this.model.group?.tree.depth[rowEnd(layout, ghosts.row)] ?? -1);
		return { rows: layout.rows, columns: Math.max(layout.columns, end + 1 + (ghosts?.titles.length ?? 0)) };
	}

	/** Reference steps that the selected rollout misses: they are drawn after its end. */
	private ghosts(layout: TreeLayout): Scene["ghosts"] {
		const { selected, missed } = this.model;
		const titles = selected === null ? undefined : missed.get(selected.rollout);
		if (selected === null || titles === undefined) return null;
		const { end } = this.model.rollout(selected.rollout);
		const own = layout.rowOf[end] as number;
		if (own === -1) return null;
		const stub = layout.lastChildRow[end] as number;
		return { row: stub !== -1 && layout.stub[stub] === end ? stub : own, titles };
	}

	private current(): Camera | null {
		const extent = this.extent();
		return this.camera ?? (extent === null ? null : fitCamera(extent, this.size));
	}

	private paint(): void {
		const scale = window.devicePixelRatio || 1;
		const context = this.canvas.getContext("2d") as CanvasRenderingContext2D;
		context.setTransform(scale, 0, 0, scale, 0, 0);
		context.clearRect(0, 0, this.size.width, this.size.height);
		const scene = this.scene();
		if (scene !== null) paintTree(this.surface, scene);
	}

	private changed(change: Change): void {
		if (change === "group") {
			this.camera = this.model.state.camera;
			this.keys.forget();
		}
		if (["group", "layout", "theme", "marks"].includes(change)) this.captions = rowCaptions(this.model);
		if (change === "group" || change === "layout") this.settle();
		if (change === "selection" && this.model.selected !== null) {
			this.keys.follow(this.model.selected.node);
			this.reveal(this.model.selected.node);
		}
		if (change !== "status") this.invalidate();
		if (change !== "hover" && change !== "status") this.keys.update();
	}

	private resize(): void {
		const { clientWidth: width, clientHeight: height } = this.element;
		if (width === this.size.width && height === this.size.height) return;
		this.size = { width, height };
		const scale = window.devicePixelRatio || 1;
		this.canvas.width = Math.round(width * scale);
		this.canvas.height = Math.round(height * scale);
		// a canvas is blank after a change of size: painting at once leaves no empty frame
		this.paint();
		this.settle();
		this.moved();
	}

	private moveTo(camera: Camera): void {
		const from = this.current();
		this.stopMotion();
		if (from !== null) this.stopMotion = animate((share) => this.setCamera(mixCameras(from, camera, share)));
	}

	private setCamera(camera: Camera): void {
		this.camera = camera;
		this.invalidate();
		this.settle();
		this.moved();
	}

	/** Once the view stands still: asks for the words that it has room for, and remembers where it stands. */
	private settle(): void {
		clearTimeout(this.settling);
		this.settling = setTimeout(() => {
			if (this.camera !== null) this.model.remember({ camera: this.camera });
			const geometry = this.geometry();
			if (geometry === null || geometry.level !== "box") return;
			const nodes: number[] = [];
			for (const row of visibleRows(geometry)) eachInRow(geometry, row, (node) => nodes.push(node));
			void this.model.wantLabels(nodes);
		}, SETTLED);
	}

	// --- pointer

	private listenToPointer(): void {
		let last = zoomIdentity;
		const behaviour = zoom<HTMLCanvasElement, unknown>()
			.scaleExtent([1e-6, 1e6])
			.filter((event: Event) => !(event instanceof WheelEvent) || event.ctrlKey || event.metaKey)
			.on("zoom", (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
				const { transform } = event;
				const extent = this.extent();
				const camera = this.current();
				if (extent !== null && camera !== null && event.sourceEvent !== null) {
					this.stopMotion();
					const [x, y] = pointer(event, this.canvas);
					// d3 recognises the gesture; the camera, whose axes scale differently, turns it into a view
					this.setCamera(
						transform.k === last.k
							? panCamera(camera, transform.x - last.x, transform.y - last.y, extent, this.size)
							: zoomCamera(camera, transform.k / last.k, { x, y }, extent, this.size),
					);
				}
				last = transform;
			});
		select(this.canvas).call(behaviour).on("dblclick.zoom", null);
		this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
		this.canvas.addEventListener("pointermove", (event) => this.point(event));
		this.canvas.addEventListener("pointerleave", () => this.model.hover(-1));
		this.canvas.addEventListener("click", (event) => this.click(event));
		this.canvas.addEventListener("dblclick", (event) => this.doubleClick(event));
	}

	private wheel(event: WheelEvent): void {
		const extent = this.extent();
		const camera = this.current();
		if (event.ctrlKey || event.metaKey || extent === null || camera === null) return;
		event.preventDefault();
		const line = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
		const dx = (event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX) * line;
		const dy = (event.shiftKey && event.deltaX === 0 ? 0 : event.deltaY) * line;
		this.stopMotion();
		this.setCamera(panCamera(camera, -dx, -dy, extent, this.size));
	}

	private nodeUnder(event: MouseEvent): number {
		return this.geometry()?.hit(event.offsetX, event.offsetY) ?? -1;
	}

	private point(event: PointerEvent): void {
		if (event.buttons !== 0) return;
		const node = this.nodeUnder(event);
		this.canvas.classList.toggle("over-node", node > 0);
		this.model.hover(node);
	}

	private click(event: MouseEvent): void {
		const node = this.nodeUnder(event);
		this.focus();
		if (node > 0) this.model.selectNode(node);
	}

	private doubleClick(event: MouseEvent): void {
		const node = this.nodeUnder(event);
		if (node <= 0) return;
		if (this.model.folded[node] === 1) this.model.setFolded([node], false);
		else this.keys.open();
	}
}
