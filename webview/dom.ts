// Building elements. Text goes in as text nodes only, so that nothing out of a log is ever markup.

type Child = Node | string | null | false;

export interface Properties {
	class?: string;
	id?: string;
	title?: string;
	role?: string;
	tabIndex?: number;
	hidden?: boolean;
	/** ARIA and data attributes by their full names. */
	attributes?: Record<string, string | number | boolean>;
	on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
}

export function element<Name extends keyof HTMLElementTagNameMap>(
	name: Name,
	properties: Properties = {},
	...children: Child[]
): HTMLElementTagNameMap[Name] {
	return dress(document.createElement(name), properties, children);
}

/** Sets properties and children of an element that exists, whatever kind it is. */
export function dress<Made extends HTMLElement>(made: Made, properties: Properties, children: Child[] = []): Made {
	if (properties.class !== undefined) made.className = properties.class;
	if (properties.id !== undefined) made.id = properties.id;
	if (properties.title !== undefined) made.title = properties.title;
	if (properties.role !== undefined) made.setAttribute("role", properties.role);
	if (properties.tabIndex !== undefined) made.tabIndex = properties.tabIndex;
	if (properties.hidden !== undefined) made.hidden = properties.hidden;
	for (const [name, value] of Object.entries(properties.attributes ?? {})) made.setAttribute(name, String(value));
	for (const [name, handler] of Object.entries(properties.on ?? {})) {
		made.addEventListener(name, handler as EventListener);
	}
	made.append(...children.filter((child): child is Node | string => child !== null && child !== false));
	return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svgElement<Name extends keyof SVGElementTagNameMap>(
	name: Name,
	attributes: Record<string, string | number>,
	...children: Node[]
): SVGElementTagNameMap[Name] {
	const made = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
	made.append(...children);
	return made;
}

/** A sign of `GLYPHS` as a picture that the screen reader passes over. */
export function glyphIcon(path: string, size = 14): SVGSVGElement {
	return svgElement(
		"svg",
		{ class: "icon", width: size, height: size, viewBox: "-5 -5 10 10", "aria-hidden": "true" },
		svgElement("path", { d: path }),
	);
}
