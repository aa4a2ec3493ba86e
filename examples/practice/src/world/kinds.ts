// Kinds of slips and of harmless oddities, each with the half of the practice world that it belongs to.

export type Split = "develop" | "held-out";

/** `silent` slips are well-formed: nothing on the surface shows that they are wrong. */
interface SlipSpec {
	split: Split;
	silent: boolean;
	means: string;
}

export const SLIPS = {
	wrong_value: { split: "develop", silent: true, means: "writes another value than the customer asked for" },
	wrong_order: { split: "held-out", silent: true, means: "writes the right value to another order" },
	guessed_value: { split: "held-out", silent: true, means: "acts on a value that it never asked for" },
	wrong_refund: { split: "develop", silent: true, means: "sends the money where the customer did not want it" },
	unasked_close: { split: "develop", silent: true, means: "closes the ticket without asking for further wishes" },
	unconfirmed_cancel: { split: "held-out", silent: true, means: "cancels without the customer's confirmation" },
	forgotten_item: { split: "held-out", silent: true, means: "goes on to the next wish with a change left undone" },
	premature_dispatch: { split: "develop", silent: true, means: "sends the order off before the change is made" },
	wrong_cancel: { split: "held-out", silent: true, means: "cancels another order of the same customer" },
	misreported: { split: "develop", silent: false, means: "tells another day than the carrier named" },
	unmade_claim: { split: "held-out", silent: false, means: "says that a change was made which was not" },
	ignored_error: { split: "develop", silent: false, means: "goes on after an error as if the call had worked" },
	skipped_hold: { split: "develop", silent: false, means: "changes an order that is being packed" },
	ungrounded_id: { split: "held-out", silent: false, means: "uses an order id that appears nowhere" },
	malformed_call: { split: "develop", silent: false, means: "calls with arguments that do not fit the schema" },
	unknown_tool: { split: "held-out", silent: false, means: "calls a tool that does not exist" },
	stuck_loop: { split: "develop", silent: false, means: "reads the same thing again and again" },
	gave_up: { split: "held-out", silent: false, means: "closes the ticket unresolved" },
} as const satisfies Record<string, SlipSpec>;
export type SlipKind = keyof typeof SLIPS;
export const SLIP_KINDS = Object.keys(SLIPS) as SlipKind[];

export const ODDITIES = {
	pen_slip: { split: "develop", means: "an id in small letters, put right at once" },
	second_look: { split: "held-out", means: "reads the same thing once more" },
	policy_detour: { split: "develop", means: "reads a rule of the desk first" },
	stock_detour: { split: "held-out", means: "looks at the stock without need" },
	other_order: { split: "held-out", means: "does the items of a job in an unusual but right order" },
	small_talk: { split: "develop", means: "tells the customer that it is at work" },
	repeated_question: { split: "held-out", means: "asks again what it was told" },
	extra_note: { split: "develop", means: "adds a note to the ticket" },
} as const satisfies Record<string, { split: Split; means: string }>;
export type OddityKind = keyof typeof ODDITIES;
export const ODDITY_KINDS = Object.keys(ODDITIES) as OddityKind[];

/** Why the agent does something: the procedure, putting something right, a slip, or a harmless oddity. */
export type Motive = "plan" | "repair" | SlipKind | OddityKind;

export type Selection = Split | "all";

export function slipsOf(selection: Selection): SlipKind[] {
	return SLIP_KINDS.filter((kind) => selection === "all" || SLIPS[kind].split === selection);
}

export function odditiesOf(selection: Selection): OddityKind[] {
	return ODDITY_KINDS.filter((kind) => selection === "all" || ODDITIES[kind].split === selection);
}

export function isSlip(motive: Motive): motive is SlipKind {
	return Object.hasOwn(SLIPS, motive);
}
