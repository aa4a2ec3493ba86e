// The whole tree, small, with the window's place in it. Redrawn when the tree changes; moving only moves the frame.
import { dress, element } from "./dom.ts";
import type { PageModel } from "./pageModel.ts";
import type { Geometry } from "./tree/geometry.ts";
import { rowEnd, rowStart } from "./tree/layout.ts";

const SIZE = { width: 168, height: 44 } as const;

export interface Minimap {
	element: HTMLElement;
	/** The camera has moved. */
	moved(): void;
}

export function minimap(
	model: PageModel,
	view: { geometry(): Geometry | null; centreOn(step: number, row: number): void },
): Minimap {
	const canvas = element("canvas", { attributes: { width: SIZE.width * 2, height: SIZE.height * 2 } });
	const frame = element("div", { class: "minimap-frame" });
	const made = element("div", { class: "minimap", attributes: { "aria-hidden": true } }, canvas, frame);
	dress(canvas, { class: "minimap-picture" });

	const moved = () => {
		const geometry = view.geometry();
		made.hidden = geometry === null;
		if (geometry === null) return;
		const { layout, camera, size } = geometry;
		const left = clamp(-camera.x / camera.kx / Math.max(layout.columns, 1));
		const right = clamp((size.width - camera.x) / camera.kx / Math.max(layout.columns, 1));
		const top = clamp((-camera.y / camera.ky + 0.5) / layout.rows);
		const bottom = clamp(((size.height - camera.y) / camera.ky + 0.5) / layout.rows);
		// where everything is in the window there is nothing to find one's way in
		made.classList.toggle("all-shown", right - left > 0.98 && bottom - top > 0.98);
		frame.style.transform = `translate(${left * SIZE.width}px, ${top * SIZE.height}px)`;
		frame.style.width = `${Math.max(4, (right - left) * SIZE.width)}px`;
		frame.style.height = `${Math.max(4, (bottom - top) * SIZE.height)}px`;
	};

	const drag = (event: PointerEvent) => {
		const { layout } = model;
		if (layout === null || event.buttons !== 1) return;
		const box = made.getBoundingClientRect();
		const across = (event.clientX - box.left) / box.width;
		const down = (event.clientY - box.top) / box.height;
		view.centreOn(across * layout.columns, down * layout.rows - 0.5);
	};
	made.addEventListener("pointerdown", (event) => {
		made.setPointerCapture(event.pointerId);
		drag(event);
	});
	made.addEventListener("pointermove", drag);
	model.onChange((change) => {
		if (!["group", "layout", "colour", "theme"].includes(change)) return;
		draw(canvas, model);
		moved();
	});
	return { element: made, moved };
}

function draw(canvas: HTMLCanvasElement, model: PageModel): void {
	const context = canvas.getContext("2d") as CanvasRenderingContext2D;
	const { layout, group, bucket, scale } = model;
	context.clearRect(0, 0, canvas.width, canvas.height);
	if (layout === null || group === null || bucket.length === 0) return;
	const rowHeight = canvas.height / layout.rows;
	const stepWidth = canvas.width / Math.max(layout.columns, 1);
	// rows finer than a pixel are thinned out: the picture has no room for more
	const stride = Math.max(1, Math.floor(1 / rowHeight));
	const height = Math.max(1, Math.min(rowHeight * 0.6, 6));
	for (let row = 0; row < layout.rows; row += stride) {
		const first = rowStart(layout, row);
		if (first === -1) continue;
		const leaf = rowEnd(layout, row);
		const from = Math.max(0, group.tree.depth[first] as number) * stepWidth;
		const to = ((group.tree.depth[leaf] as number) + 1) * stepWidth;
		context.fillStyle = scale.colours[bucket[leaf] as number] as string;
		context.fillRect(from, (row + 0.5) * rowHeight - height / 2, Math.max(1, to - from), height);
	}
}

function clamp(share: number): number {
	return Math.min(1, Math.max(0, share));
}
