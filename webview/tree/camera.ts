// Which part of the picture is on the screen. The two axes have scales of their own: steps spread out further than rows.

export interface Camera {
	/** Screen x of step 0 and screen y of row 0, in CSS pixels. */
	x: number;
	y: number;
	/** Pixels a step and pixels a row. */
	kx: number;
	ky: number;
}

export interface Extent {
	columns: number;
	rows: number;
}

export interface Size {
	width: number;
	height: number;
}

/** From this many pixels a step on, steps are drawn as boxes with words. */
export const BOX_STEP = 124;

/** Room around the picture, in pixels: the task's sign on the left, the ends' captions on the right, step numbers above. */
export const MARGIN = { left: 40, right: 150, top: 34, bottom: 16 } as const;

/** Boxes reach half a step to both sides of their place. */
function sideRoom(kx: number): number {
	return kx >= BOX_STEP ? kx / 2 - 8 : 0;
}

const LARGEST = { kx: 230, ky: 56 } as const;
/** Fitting a small tree does not blow it up beyond this. */
const FITTED = { kx: 168, ky: 44 } as const;

/** The whole picture in the window, as large as that allows. */
export function fitCamera(extent: Extent, size: Size): Camera {
	const steps = Math.max(extent.columns - 1, 1);
	const room = Math.max(0, size.width - MARGIN.left - MARGIN.right);
	// with boxes the picture is one step wider; where that does not fit there are beads
	const boxed = room / (steps + 1);
	const kx = boxed >= BOX_STEP ? boxed : Math.min(room / steps, BOX_STEP - 1);
	const ky = Math.max(0, size.height - MARGIN.top - MARGIN.bottom) / Math.max(extent.rows, 1);
	return homeCamera(Math.max(Math.min(FITTED.kx, kx), 0.01), Math.max(Math.min(FITTED.ky, ky), 0.01));
}

function homeCamera(kx: number, ky: number): Camera {
	return { x: MARGIN.left + sideRoom(kx), y: MARGIN.top + ky / 2, kx, ky };
}

/** Zooms both axes by `factor`, keeping what is at the screen point where it is as far as the limits allow. */
export function zoomCamera(
	camera: Camera,
	factor: number,
	at: { x: number; y: number },
	extent: Extent,
	size: Size,
): Camera {
	const fitted = fitCamera(extent, size);
	const kx = clamp(camera.kx * factor, Math.min(fitted.kx, 8), LARGEST.kx);
	const ky = clamp(camera.ky * factor, Math.min(fitted.ky, 6), LARGEST.ky);
	const step = (at.x - camera.x) / camera.kx;
	const row = (at.y - camera.y) / camera.ky;
	return keepInView({ kx, ky, x: at.x - step * kx, y: at.y - row * ky }, extent, size);
}

export function panCamera(camera: Camera, dx: number, dy: number, extent: Extent, size: Size): Camera {
	return keepInView({ ...camera, x: camera.x + dx, y: camera.y + dy }, extent, size);
}

/** A part of the picture, in steps and rows, as large as the window allows, with some room around it. */
export function partCamera(
	part: { firstStep: number; lastStep: number; firstRow: number; lastRow: number },
	extent: Extent,
	size: Size,
): Camera {
	const columns = part.lastStep - part.firstStep + 1;
	const rows = part.lastRow - part.firstRow + 1;
	const { kx, ky } = fitCamera({ columns: columns + 1, rows: rows + 1 }, size);
	const x = (size.width - MARGIN.right) / 2 - ((part.firstStep + part.lastStep) / 2) * kx;
	const y = size.height / 2 - ((part.firstRow + part.lastRow) / 2) * ky;
	return keepInView({ x, y, kx, ky }, extent, size);
}

/** The camera moved as little as possible so that a place is well inside the window. */
export function revealCamera(camera: Camera, step: number, row: number, extent: Extent, size: Size): Camera {
	const x = camera.x + step * camera.kx;
	const y = camera.y + row * camera.ky;
	const inset = { x: Math.min(80, size.width / 4), y: Math.min(48, size.height / 4) };
	const dx = clamp(x, inset.x, Math.max(size.width - inset.x - 40, inset.x)) - x;
	const dy = clamp(y, inset.y, size.height - inset.y) - y;
	return panCamera(camera, dx, dy, extent, size);
}

/** No axis may be pushed so far that nothing of the picture is left; what fits as a whole stays whole. */
function keepInView(camera: Camera, extent: Extent, size: Size): Camera {
	const home = homeCamera(camera.kx, camera.ky);
	const width = Math.max(extent.columns - 1, 0) * camera.kx + MARGIN.left + MARGIN.right + 2 * sideRoom(camera.kx);
	const height = extent.rows * camera.ky + MARGIN.top + MARGIN.bottom;
	const left = home.x;
	const top = home.y;
	return {
		...camera,
		x: clamp(camera.x, Math.min(left, size.width - width + left), left),
		y: clamp(camera.y, Math.min(top, size.height - height + top), top),
	};
}

export function mixCameras(from: Camera, to: Camera, share: number): Camera {
	const mix = (a: number, b: number) => a + (b - a) * share;
	return { x: mix(from.x, to.x), y: mix(from.y, to.y), kx: mix(from.kx, to.kx), ky: mix(from.ky, to.ky) };
}

function clamp(value: number, low: number, high: number): number {
	return Math.min(Math.max(value, low), high);
}
