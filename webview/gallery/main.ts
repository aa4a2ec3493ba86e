// The gallery: every scenario of the page, in any browser. The list on the left is only there for people; tests call
// `gallery.show`.
import "../page.css";
import { startPage } from "../app.ts";
import { element } from "../dom.ts";
import { fixtureHost } from "./fixtureHost.ts";
import type { Gallery } from "./gallery.ts";
import { SCENARIOS } from "./scenarios.ts";

const gallery: Gallery = { scenarios: SCENARIOS.map(({ id }) => id), show, running: null };
window.gallery = gallery;

function show(id: string, state?: unknown): void {
	const scenario = SCENARIOS.find((entry) => entry.id === id);
	if (scenario === undefined) {
		list();
		return;
	}
	gallery.running?.page.close();
	gallery.running?.fixture.close();
	document.body.replaceChildren();
	const fixture = fixtureHost(scenario, state);
	const page = startPage(fixture.host, document.body);
	gallery.running = { page, fixture };
	const { live } = scenario;
	if (live === undefined) return;
	let started = false;
	page.model.onChange((change) => {
		if (change !== "group" || started) return;
		started = true;
		live(fixture.source);
	});
}

function list(): void {
	const items = SCENARIOS.map(({ id, title }) => {
		const link = element("a", {}, title);
		link.href = `#${id}`;
		return element("li", {}, link);
	});
	document.body.replaceChildren(element("h1", {}, "Gallery"), element("ul", {}, ...items));
}

const fromAddress = () => show(decodeURIComponent(location.hash.slice(1)));
window.addEventListener("hashchange", fromAddress);
fromAddress();
