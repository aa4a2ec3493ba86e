// Something to draw on. The picture is painted by one program, on the screen's canvas or into SVG for export.
import { path as d3Path, type Path } from "d3";
import { GLYPHS, type GlyphName } from "./glyphs.ts";

/** The drawing commands that canvas paths and d3's SVG paths have in common. */
export type Outline = Pick<
	Path,
	"moveTo" | "lineTo" | "quadraticCurveTo" | "bezierCurveTo" | "arc" | "rect" | "closePath"
>;

export interface TextStyle {
	colour: string;
	size: number;
	bold?: boolean;
	mono?: boolean;
	align?: "start" | "end" | "middle";
}

export interface Stroke {
	colour: string;
	width: number;
	dash?: readonly number[];
	alpha?: number;
}

export interface Surface {
	outline(): Outline;
	fill(outline: Outline, colour: string, alpha?: number): void;
	stroke(outline: Outline, stroke: Stroke): void;
	/** Text on its vertical middle. */
	text(text: string, x: number, y: number, style: TextStyle): void;
	/** A sign of 10 by 10 units around a middle point, scaled to `size` pixels. */
	glyph(name: GlyphName, x: number, y: number, size: number, colour: string): void;
	/** Width of a text in pixels. */
	measure(text: string, style: TextStyle): number;
	/** The longest beginning of a text that fits, with an ellipsis where it was cut; "" where not even that fits. */
	fit(text: string, room: number, style: TextStyle): string;
}

/** Texts that were fitted lately: the same words are painted on every frame, and measuring them is the slow part. */
const FITTED_KEPT = 4000;

export interface Fonts {
	proportional: string;
	mono: string;
}

export class CanvasSurface implements Surface {
	private readonly context: CanvasRenderingContext2D;
	private readonly fonts: Fonts;
	private readonly paths = new Map<GlyphName, Path2D>();
	private readonly fitted = new Map<string, string>();

	constructor(context: CanvasRenderingContext2D, fonts: Fonts) {
		this.context = context;
		this.fonts = fonts;
	}

	outline(): Outline {
		return new Path2D();
	}

	fill(outline: Outline, colour: string, alpha = 1): void {
		this.context.globalAlpha = alpha;
		this.context.fillStyle = colour;
		this.context.fill(outline as Path2D);
		this.context.globalAlpha = 1;
	}

	stroke(outline: Outline, { colour, width, dash, alpha = 1 }: Stroke): void {
		this.context.globalAlpha = alpha;
		this.context.strokeStyle = colour;
		this.context.lineWidth = width;
		this.context.setLineDash([...(dash ?? [])]);
		this.context.stroke(outline as Path2D);
		this.context.globalAlpha = 1;
	}

	text(text: string, x: number, y: number, style: TextStyle): void {
		this.context.font = fontOf(style, this.fonts);
		this.context.fillStyle = style.colour;
		this.context.textAlign = style.align === "middle" ? "center" : (style.align ?? "start");
		this.context.textBaseline = "middle";
		this.context.fillText(text, x, y);
	}

	glyph(name: GlyphName, x: number, y: number, size: number, colour: string): void {
		let shape = this.paths.get(name);
		if (shape === undefined) {
			shape = new Path2D(GLYPHS[name]);
			this.paths.set(name, shape);
		}
		const scale = size / 10;
		this.context.save();
		this.context.translate(x, y);
		this.context.scale(scale, scale);
		this.context.lineCap = "round";
		this.context.lineJoin = "round";
		this.context.setLineDash([]);
		this.context.lineWidth = 1.4;
		this.context.strokeStyle = colour;
		this.context.stroke(shape);
		this.context.restore();
	}

	measure(text: string, style: TextStyle): number {
		this.context.font = fontOf(style, this.fonts);
		return this.context.measureText(text).width;
	}

	fit(text: string, room: number, style: TextStyle): string {
		if (room <= 0 || text === "") return "";
		const width = Math.floor(room);
		const key = `${fontOf(style, this.fonts)} ${width} ${text}`;
		let fitted = this.fitted.get(key);
		if (fitted === undefined) {
			fitted = fitText(this, text, width, style);
			if (this.fitted.size >= FITTED_KEPT) this.fitted.clear();
			this.fitted.set(key, fitted);
		}
		return fitted;
	}
}

/** Collects the picture as SVG text. All text of logs is escaped: it can become neither element nor attribute. */
export class SvgSurface implements Surface {
	private readonly parts: string[] = [];
	private readonly measuring: Surface;
	private readonly fonts: Fonts;

	/** @param measuring tells the widths of texts: SVG has no way to ask before it is shown */
	constructor(measuring: Surface, fonts: Fonts) {
		this.measuring = measuring;
		this.fonts = fonts;
	}

	outline(): Outline {
		return d3Path();
	}

	fill(outline: Outline, colour: string, alpha = 1): void {
		const data = String(outline);
		if (data !== "") this.parts.push(`<path d="${data}" fill="${escapeXml(colour)}"${opacity(alpha)}/>`);
	}

	stroke(outline: Outline, { colour, width, dash, alpha = 1 }: Stroke): void {
		const data = String(outline);
		if (data === "") return;
		const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
		this.parts.push(
			`<path d="${data}" fill="none" stroke="${escapeXml(colour)}" stroke-width="${round(width)}"${dashes}${opacity(alpha)}/>`,
		);
	}

	text(text: string, x: number, y: number, style: TextStyle): void {
		const family = style.mono === true ? this.fonts.mono : this.fonts.proportional;
		const weight = style.bold === true ? ' font-weight="600"' : "";
		const anchor = style.align === undefined ? "" : ` text-anchor="${style.align}"`;
		this.parts.push(
			`<text x="${round(x)}" y="${round(y)}" dominant-baseline="central" font-family="${escapeXml(family)}" font-size="${style.size}"${weight}${anchor} fill="${escapeXml(style.colour)}">${escapeXml(text)}</text>`,
		);
	}

	glyph(name: GlyphName, x: number, y: number, size: number, colour: string): void {
		this.parts.push(
			`<path d="${GLYPHS[name]}" transform="translate(${round(x)} ${round(y)}) scale(${round(size / 10)})" fill="none" stroke="${escapeXml(colour)}" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>`,
		);
	}

	measure(text: string, style: TextStyle): number {
		return this.measuring.measure(text, style);
	}

	fit(text: string, room: number, style: TextStyle): string {
		return this.measuring.fit(text, room, style);
	}

	/** The whole document. */
	document(width: number, height: number, background: string, title: string): string {
		const size = `width="${Math.ceil(width)}" height="${Math.ceil(height)}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}"`;
		return [
			`<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
			`<title>${escapeXml(title)}</title>`,
			`<rect width="100%" height="100%" fill="${escapeXml(background)}"/>`,
			...this.parts,
			"</svg>",
		].join("\n");
	}
}

export function escapeXml(text: string): string {
	return text
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;")
		.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
}

function fitText(surface: Surface, text: string, room: number, style: TextStyle): string {
	if (surface.measure(text, style) <= room) return text;
	let low = 0;
	let high = text.length;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (surface.measure(`${text.slice(0, middle)}…`, style) <= room) low = middle;
		else high = middle - 1;
	}
	return low === 0 ? "" : `${text.slice(0, low).trimEnd()}…`;
}

function fontOf(style: TextStyle, fonts: Fonts): string {
	const family = style.mono === true ? fonts.mono : fonts.proportional;
	return `${style.bold === true ? "600 " : ""}${style.size}px ${family}`;
}

function opacity(alpha: number): string {
	return alpha === 1 ? "" : ` opacity="${round(alpha)}"`;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
