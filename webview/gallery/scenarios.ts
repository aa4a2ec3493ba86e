// Every scenario that the gallery lists. A scenario is a group, and what happens to it while somebody looks.
import demo from "../../examples/workspace/order-desk.jsonl";
import type { KeyedRollout } from "../../src/core/tree/merge.ts";
import type { GivenSeries } from "../../src/core/tree/series.ts";
import type { FixtureSource } from "./fixtureHost.ts";
import { callStep, galleryRollout, galleryStep, generatedGroup, readLog } from "./fixtures.ts";

export interface Scenario {
	id: string;
	title: string;
	task: string;
	about: string;
	rollouts(): KeyedRollout[];
	/** First errors by rollout id. Fixed, so that pictures change only when the page does. */
	errors?: Record<string, ScenarioError>;
	/** Searches by rollout id, as they stand. */
	probes?: Record<string, ScenarioProbe>;
	/** Tools that a right attempt calls. */
	reference?: string[];
	/** Numbers that the log does not hold. */
	series?: GivenSeries[];
	/** Runs after the page has its group; for what changes while it is open. */
	live?(source: FixtureSource): void;
	/** The host answers every request with this error. */
	broken?: string;
}

export interface ScenarioProbe {
	/** Prefix, successes, failures. */
	tries: readonly (readonly [number, number, number])[];
	/** Prefixes that are being continued now. */
	running: readonly number[];
	ended: "running" | "done" | "cancelled" | "failed";
	title: string;
	/** Share of each of the agent's steps. */
	belief: readonly number[];
}

export interface ScenarioError {
	step: number;
	text: string;
	/** What the failure has in common with others. */
	signature: string[];
	confirmed?: boolean;
}

const ORDER_ERRORS: Record<string, ScenarioError> = {
	"broken-lamp/2": { step: 5, text: "refunds a lamp that nobody named", signature: ["Guessed the item: refund"] },
	"broken-lamp/3": {
		step: 5,
		text: "cancels an order that was delivered",
		signature: ["Against the policy: cancel_order"],
		confirmed: true,
	},
	"broken-lamp/5": { step: 6, text: "refunds without asking which lamp", signature: ["Guessed the item: refund"] },
	"broken-lamp/6": {
		step: 4,
		text: "reads an older order and goes on with it",
		signature: ["Guessed the item: refund", "Wrong order: get_order"],
	},
	"broken-lamp/7": {
		step: 8,
		text: "asks for a return that needs a photo",
		signature: ["Against the policy: return_item"],
	},
};

const PROBED: ScenarioProbe = {
	tries: [
		[1, 2, 0],
		[2, 3, 1],
		[3, 1, 2],
		[4, 0, 5],
	],
	running: [3, 4],
	ended: "running",
	title: "unresolved: #5, or only the last step #6 (95 %)",
	belief: [0, 0, 0.05, 0.62, 0.33],
};

const order = () => readLog(demo, "order-desk.jsonl");

/** Markup, scripts, addresses, control characters, direction marks, and a word of a megabyte. */
export const HOSTILE_TEXTS = [
	"<script>document.title = 'ran'</script>",
	"<img src=x onerror=\"document.title = 'ran'\">",
	"</script><script>document.title = 'ran'</script>",
	"javascript:document.title='ran'",
	"https://elsewhere.test/pixel.png",
	"\u001b[31mred\u001b[0m \u202Eright to left\u202C \u0000\u0007",
	'"><svg onload="document.title=1">',
	"{{constructor.constructor('document.title=1')()}}",
];

export const SCENARIOS: readonly Scenario[] = [
	{
		id: "demo",
		title: "Demo group: eight attempts, three solved",
		task: "broken-lamp",
		about: "One of the two lamps in my last order arrived broken. Please take care of it.",
		rollouts: order,
		errors: ORDER_ERRORS,
	},
	{
		id: "reference",
		title: "A reference path: what attempts cover and what they miss",
		task: "broken-lamp",
		about: "Find the order, read the policy, refund, and tell the customer.",
		rollouts: order,
		errors: ORDER_ERRORS,
		reference: ["list_orders", "get_order", "get_policy", "refund", "send_message"],
		series: [
			{
				id: "model-score",
				title: "score of the model",
				scale: "probability",
				unit: "",
				explanation: "What a reward model says of the step.",
				// falls from step to step, faster in some rollouts
				at: (key, step) => (step < 2 ? null : 1 / (1 + (step - 2) * (0.1 + 0.1 * Number(key.at(-1))))),
			},
		],
	},
	{
		id: "probing",
		title: "A search for the first irrecoverable step, while it runs",
		task: "broken-lamp",
		about: "Continuations from prefixes of a failed attempt.",
		rollouts: order,
		errors: ORDER_ERRORS,
		probes: { "broken-lamp/2": PROBED },
	},
	{
		id: "no-rewards",
		title: "No rewards and no outcomes",
		task: "broken-lamp",
		about: "The same attempts as logged by a tool that knows no rewards.",
		rollouts: () =>
			order().map(({ key, rollout }) => ({
				key,
				rollout: { ...rollout, reward: null, outcome: "unknown", rewards: {} },
			})),
	},
	{
		id: "one-rollout",
		title: "A single attempt",
		task: "broken-lamp",
		about: "Nothing to compare with.",
		rollouts: () => order().slice(2, 3),
	},
	{ id: "empty", title: "A task without attempts", task: "waiting", about: "", rollouts: () => [] },
	{
		id: "mixed-ends",
		title: "Attempts that end where others go on, sub-agents, forks",
		task: "mixed",
		about: "Everything that a path can do.",
		rollouts: mixedEnds,
	},
	{
		id: "live",
		title: "A group that is being written",
		task: "broken-lamp",
		about: "Attempts arrive and grow while the page is open.",
		rollouts: () => order().slice(0, 4),
		live: (source) => source.growFrom(order().slice(4)),
	},
	{
		id: "sixty-four",
		title: "64 attempts of 24 steps",
		task: "workshop",
		about: "Find the faulty part, change the configuration, submit.",
		rollouts: () => generatedGroup({ rollouts: 64, steps: 24, agreement: 0.93, seed: 7 }),
	},
	{
		id: "large",
		title: "512 attempts of 40 steps: about 20,000 nodes",
		task: "workshop",
		about: "Find the faulty part, change the configuration, submit.",
		rollouts: () => generatedGroup({ rollouts: 600, steps: 44, agreement: 0.82, seed: 11 }),
	},
	{
		id: "huge",
		title: "About 200,000 nodes",
		task: "workshop",
		about: "Find the faulty part, change the configuration, submit.",
		rollouts: () => generatedGroup({ rollouts: 6000, steps: 48, agreement: 0.74, seed: 13 }),
	},
	{
		id: "wide",
		title: "10,000 branches of one step",
		task: "wide",
		about: "",
		rollouts: () =>
			Array.from({ length: 10_000 }, (_, index) =>
				galleryRollout(
					`r${index}`,
					"wide",
					[callStep(0, "start", "", "ok"), callStep(1, "guess", `g${index}`, "no")],
					index % 9 === 0 ? 1 : 0,
				),
			),
	},
	{
		id: "deep",
		title: "20,000 steps in a row",
		task: "deep",
		about: "",
		rollouts: () => {
			const steps = Array.from({ length: 20_000 }, (_, number) => callStep(number, "poll", `${number}`, "not yet"));
			return [galleryRollout("r0", "deep", steps, 0), galleryRollout("r1", "deep", steps.slice(0, 15_000), 1)];
		},
	},
	{
		id: "hostile",
		title: "Hostile text",
		task: HOSTILE_TEXTS[0] as string,
		about: HOSTILE_TEXTS.join(" "),
		rollouts: hostile,
		errors: Object.fromEntries(
			HOSTILE_TEXTS.filter((_, index) => index % 2 === 0).map((text) => [text, { step: 1, text, signature: [text] }]),
		),
	},
	{
		id: "cycle",
		title: "Parents that form a cycle",
		task: "cycle",
		about: "Two attempts that name each other as parents, and one whose parent is not there.",
		rollouts: () => {
			const [a, b, c] = order().slice(0, 3) as [KeyedRollout, KeyedRollout, KeyedRollout];
			const branch = (entry: KeyedRollout, parent: string): KeyedRollout => ({
				key: entry.key,
				rollout: { ...entry.rollout, parent, branchStep: 1, relation: "branch" },
			});
			return [branch(a, b.rollout.id), branch(b, a.rollout.id), branch(c, "nobody")];
		},
	},
	{
		id: "vanished",
		title: "A group that vanishes while it is open",
		task: "broken-lamp",
		about: "",
		rollouts: order,
		live: (source) => source.vanish("order-desk.jsonl is no longer there"),
	},
	{
		id: "broken",
		title: "A host that cannot read the group",
		task: "broken-lamp",
		about: "",
		rollouts: () => [],
		broken: "order-desk.jsonl:3: not a JSON value; nothing else in the file belongs to this task",
	},
];

function mixedEnds(): KeyedRollout[] {
	const start = [
		galleryStep(0, { role: "system", text: "Work on the repository." }),
		galleryStep(1, { role: "user", text: "Make the tests pass." }),
		callStep(2, "read_file", "lamp.ts", "export const lamp = 1;"),
		callStep(3, "run_tests", "all", "error: 1 failed", true),
	];
	const edit = callStep(4, "edit_file", "lamp.ts", "written");
	const done = galleryStep(5, { text: "All tests pass now." });
	const parent = galleryRollout(
		"main",
		"mixed",
		[...start, edit, callStep(5, "run_tests", "all", "ok"), { ...done, step: 6 }],
		1,
	);
	const early = galleryRollout("stopped", "mixed", start, 0);
	const twin = galleryRollout("twin", "mixed", parent.rollout.steps, 1);
	const cut = galleryRollout("cut-off", "mixed", [...start, callStep(4, "edit_file", "other.ts", "written")], null);
	cut.rollout.truncated = true;
	const fork = galleryRollout(
		"fork",
		"mixed",
		[callStep(0, "revert_file", "lamp.ts", "ok"), galleryStep(1, { text: "I give up." })],
		0,
	);
	Object.assign(fork.rollout, { parent: "main", branchStep: 4, relation: "branch" });
	const helper = galleryRollout(
		"helper",
		"mixed",
		[callStep(0, "search", "lamp", "3 matches"), galleryStep(1, { text: "It is in lamp.ts." })],
		null,
	);
	Object.assign(helper.rollout, { parent: "main", branchStep: 2, relation: "sub-agent" });
	return [parent, early, twin, cut, fork, helper];
}

function hostile(): KeyedRollout[] {
	const long = "x".repeat(1_000_000);
	return HOSTILE_TEXTS.map((text, index) => {
		const steps = [
			galleryStep(0, { role: "user", text }),
			{ ...callStep(1, text, text, text, true), reasoning: `${text} ${long}`, agent: text },
			callStep(2, long.slice(0, 100_000), long, long),
			galleryStep(3, { text: long }),
		];
		const entry = galleryRollout(text, HOSTILE_TEXTS[0] as string, steps, index % 2);
		entry.rollout.rewards = { [text]: 0.5, __proto__: 1 } as Record<string, number>;
		return { ...entry, key: `hostile#${index}` };
	});
}
