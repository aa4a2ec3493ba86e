// What the gallery offers to tests and to the console of a browser.
import type { RunningPage } from "../app.ts";
import type { FixtureHost } from "./fixtureHost.ts";
import type { Scenario } from "./scenarios.ts";

export interface Gallery {
	readonly scenarios: readonly string[];
	/** Shows a scenario from its beginning; `state` is what the page stored before. */
	show(id: string, state?: unknown): void;
	/** Shows rollouts that come from elsewhere. */
	showScenario(scenario: Scenario, state?: unknown): void;
	/** The page that is shown, and its host. */
	running: { page: RunningPage; fixture: FixtureHost } | null;
}

declare global {
	interface Window {
		gallery: Gallery;
	}
}
