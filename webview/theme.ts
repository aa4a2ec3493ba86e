// The theme's colours as the drawing needs them. They come from VS Code's tokens through page.css and nowhere else.
import { interpolateRgb, lab, rgb } from "d3";

/** What colours mean; each is a custom property `--data-<name>` in page.css. */
const ROLES = [
	"background",
	"surface",
	"foreground",
	"dim",
	"faint",
	"border",
	"above",
	"below",
	"success",
	"failure",
	"unknown",
	"error",
	"reference",
	"focus",
	"hit",
	"live",
] as const;

export type ColourRole = (typeof ROLES)[number];
export type Palette = Record<ColourRole, string> & { highContrast: boolean };

/** Reads the palette as the page has it now. Half-transparent tokens are laid over the background. */
export function readPalette(page: HTMLElement): Palette {
	const probe = document.createElement("span");
	page.append(probe);
	const resolve = (role: ColourRole) => {
		probe.style.color = `var(--data-${role})`;
		return getComputedStyle(probe).color;
	};
	const background = rgb(resolve("background")).formatHex();
	const entries = ROLES.map((role) => [role, opaque(resolve(role), background)]);
	probe.remove();
	const highContrast = page.ownerDocument.body.classList.contains("vscode-high-contrast");
	return { ...(Object.fromEntries(entries) as Record<ColourRole, string>), highContrast };
}

/** Calls back whenever VS Code changes the theme: it rewrites the style and class attributes. */
export function onThemeChange(changed: () => void): () => void {
	const observer = new MutationObserver(changed);
	const watched = { attributes: true, attributeFilter: ["class", "style"] };
	observer.observe(document.documentElement, watched);
	observer.observe(document.body, watched);
	return () => observer.disconnect();
}

function opaque(colour: string, background: string): string {
	const read = rgb(colour);
	if (Number.isNaN(read.opacity)) return background;
	return rgb(mix(background, read.copy({ opacity: 1 }).formatHex(), read.opacity)).formatHex();
}

/** A colour between two; `share` 0 is the first. */
export function mix(from: string, to: string, share: number): string {
	return rgb(interpolateRgb(from, to)(share)).formatHex();
}

/** The one of the two colours that can be read on `ground`. */
export function readableOn(ground: string, one: string, other: string): string {
	const distance = (colour: string) => Math.abs(lab(colour).l - lab(ground).l);
	return distance(one) >= distance(other) ? one : other;
}
