// Curves for docs pages: an SVG with its own ground, light or dark as the reader's system is.

export interface Curve {
	name: string;
	points: { x: number; y: number }[];
	dashed?: boolean;
}

interface Labels {
	x: string;
	y: string;
	title: string;
}

const WIDTH = 600;
const HEIGHT = 320;
const LEFT = 48;
const BOTTOM = 44;
const TOP = 36;
const RIGHT = 190;
/** At least 3 : 1 on both grounds; dots of different shapes tell curves apart without colour. */
const COLOURS = ["#2f7fd6", "#c7651b", "#8a63d2", "#2e8b57", "#808080"];
const STYLE = `.ground{fill:#fff}text{fill:#333}.line{stroke:#bbb}@media (prefers-color-scheme:dark){.ground{fill:#1f1f1f}text{fill:#ccc}.line{stroke:#555}}`;

/** y runs from 0 to 1, x from 0 to where the first curves end; what lies beyond is cut off. */
export function drawCurves(curves: readonly Curve[], labels: Labels): string {
	const largest = Math.max(...curves.flatMap(({ points }) => points.filter(({ y }) => y <= 0.96).map(({ x }) => x)));
	const unit = niceUnit(largest / 5);
	const limit = Math.ceil(largest / unit) * unit;
	const x = (value: number) => LEFT + (value / limit) * (WIDTH - LEFT - RIGHT);
	const y = (value: number) => HEIGHT - BOTTOM - value * (HEIGHT - BOTTOM - TOP);
	const ticks = Array.from({ length: Math.round(limit / unit) + 1 }, (_, index) => index * unit);
	const shares = [0, 0.25, 0.5, 0.75, 1];
	const shown = curves.map((curve) => ({
		...curve,
		points: curve.points.filter((point) => point.x <= limit).sort((a, b) => a.x - b.x),
	}));
	const parts = [
		`<title>${labels.title}: ${labels.y} against ${labels.x}</title>`,
		`<style>${STYLE}</style>`,
		`<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
		...shares.map(
			(share) => `<line class="line" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}"/>`,
		),
		...shares.map((share) => `<text x="${LEFT - 8}" y="${y(share) + 4}" text-anchor="end">${share}</text>`),
		...ticks.map((tick) => `<text x="${x(tick)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${tick}</text>`),
		`<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${labels.x}</text>`,
		`<text x="${LEFT}" y="20">${labels.title}: ${labels.y}</text>`,
		...shown.flatMap((curve, index) => drawCurve(curve, index, x, y)),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">\n${parts.join("\n")}\n</svg>\n`;
}

function drawCurve(
	{ name, points, dashed }: Curve,
	index: number,
	x: (value: number) => number,
	y: (value: number) => number,
): string[] {
	const colour = COLOURS[index % COLOURS.length] as string;
	const path = points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(" ");
	const dash = dashed === true ? ' stroke-dasharray="5 4"' : "";
	const line = TOP + 8 + index * 20;
	const from = WIDTH - RIGHT + 14;
	return [
		`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
		...(dashed === true ? [] : points.map((point) => dot(x(point.x), y(point.y), colour, index))),
		`<line x1="${from}" x2="${from + 26}" y1="${line}" y2="${line}" stroke="${colour}" stroke-width="2"${dash}/>`,
		...(dashed === true ? [] : [dot(from + 13, line, colour, index)]),
		`<text x="${from + 32}" y="${line + 4}">${name}</text>`,
	];
}

/** A disc, square, triangle or diamond. */
function dot(x: number, y: number, colour: string, index: number): string {
	const corners = [[], [-3, -3, 3, -3, 3, 3, -3, 3], [0, -4, 4, 3, -4, 3], [0, -4, 4, 0, 0, 4, -4, 0]][
		index % 4
	] as number[];
	if (corners.length === 0) return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colour}"/>`;
	const points = corners.map((offset, corner) => (offset + (corner % 2 === 0 ? x : y)).toFixed(1)).join(" ");
	return `<polygon points="${points}" fill="${colour}"/>`;
}

/** 1, 2 or 5 times a power of ten, at least `wanted`. */
function niceUnit(wanted: number): number {
	const power = 10 ** Math.floor(Math.log10(wanted));
	return ([1, 2, 5, 10].find((factor) => factor * power >= wanted) ?? 10) * power;
}
