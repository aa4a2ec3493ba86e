// Prose for actions and replies. It varies with a number between 0 and 1; what it means never does (see reading.ts).
import type { CallAction, Say } from "./actions.ts";
import { fieldOf } from "./actions.ts";
import type { Reply } from "./customer.ts";
import type { Change, Job, Task } from "./tasks.ts";
import type { SlotKind } from "./words.ts";

/** One of several phrasings. */
function pick(phrasings: readonly string[], chance: number): string {
	return phrasings[Math.min(phrasings.length - 1, Math.floor(chance * phrasings.length))]!;
}

/** How many phrasings there are for what an agent says beside a call or to a customer: the wording's probability is 1 over this. */
export function phrasingsOfAction(task: Task, action: CallAction | { kind: "say"; say: Say }): readonly string[] {
	return action.kind === "say" ? phrasingsOfSay(task, action.say) : phrasingsOfCall(action);
}

export function wordAction(task: Task, action: CallAction | { kind: "say"; say: Say }, chance: number): string {
	return pick(phrasingsOfAction(task, action), chance);
}

const CALL_PHRASINGS: Record<string, readonly string[]> = {
	find_customer: ["I look the customer up first.", "First I need the customer's record.", "Let me see who is writing."],
	list_orders: ["Let me see the orders.", "I go through the customer's orders.", "Which orders are there?"],
	get_order: ["I look at order ID.", "Let me read order ID.", "What does order ID say?"],
	track_parcel: ["I ask the carrier about ID.", "Where is the parcel of ID?", "Let me track ID."],
	check_stock: ["Is it in stock?", "I check the stock.", "Let me see what the stock says."],
	read_policy: ["What does the rule say?", "I read the desk's rule on this.", "Better look at the rule."],
	hold_order: ["ID is being packed, so I put it on hold.", "I hold ID before I change it.", "First a hold on ID."],
	release_order: ["The change is in; ID can go on.", "I release ID.", "No need to hold ID any longer."],
	add_note: ["I leave a note on ID.", "A note for the colleagues.", "This is worth a note."],
	dispatch_order: ["ID is ready to go.", "I send ID off.", "Now ID can be sent."],
	cancel_order: ["I cancel ID.", "ID is to be cancelled.", "Now the cancellation of ID."],
	issue_refund: ["I issue the refund for ID.", "Now the money for ID.", "The refund of ID comes next."],
	send_replacement: ["I send a new parcel for ID.", "ID gets a replacement.", "Now the replacement for ID."],
	close_ticket: ["I close the ticket.", "The ticket can be closed.", "Closing the ticket now."],
};
const WRITE_PHRASINGS = ["I change the FIELD of ID.", "Now the FIELD of ID.", "ID gets the new FIELD."];
const OTHER_PHRASINGS = ["Let me try this.", "I go on with ID.", "This should do."];

function phrasingsOfCall({ tool, args }: CallAction): readonly string[] {
	const id = typeof args.order_id === "string" ? args.order_id : "the order";
	const field = fieldOf(tool);
	const phrasings = field === null ? (CALL_PHRASINGS[tool] ?? OTHER_PHRASINGS) : WRITE_PHRASINGS;
	return phrasings.map((phrase) => phrase.replace("ID", id).replace("FIELD", field ?? ""));
}

const QUESTIONS: Record<SlotKind, readonly string[]> = {
	address: [
		"Which address should order ID go to: home, work or locker?",
		"Where should I have order ID delivered: home, work or locker? I need the address.",
		"To which address do you want order ID: home, work or locker?",
	],
	size: [
		"Which size should order ID have: S, M or L?",
		"What size do you need for order ID: S, M or L?",
		"May I ask the size for order ID: S, M or L?",
	],
	shipping: ["Should order ID go by standard or express shipping?"],
	coupon: ["Which coupon should I apply to order ID?"],
	confirm: [
		"Shall I really cancel order ID?",
		"Do you confirm that I cancel order ID?",
		"Before I cancel order ID: are you sure?",
	],
	refund: [
		"Where should the refund for order ID go: card or credit?",
		"Do you want the refund for order ID on your card or as credit?",
		"The refund for order ID: to your card, or as credit?",
	],
	remedy: [
		"How may I make up for order ID: a replacement, or the money to your card or as credit?",
		"For order ID, do you prefer a replacement, or the money to your card or as credit?",
		"Order ID is lost. Would you like a replacement, or the money to your card or as credit?",
	],
	day: ["When should order ID arrive?"],
};
const SAYINGS = {
	more: [
		"Is there anything else I can do for you?",
		"That is done. Is there anything else?",
		"Can I help you with anything else?",
	],
	tell: [
		"Order ID arrives on DAY.",
		"The carrier says that order ID arrives on DAY.",
		"You will have order ID on DAY.",
	],
	claim: [
		"I have changed the FIELD of order ID.",
		"Done: I have changed the FIELD of order ID as you wished.",
		"The FIELD is settled: I have changed it for order ID.",
	],
	chat: [
		"One moment, I am looking into it.",
		"I am looking into it, one moment.",
		"Thank you for your patience, one moment.",
	],
	handover: [
		"I cannot finish this in the steps I have; a colleague takes over.",
		"I have to stop here; a colleague takes over.",
		"A colleague takes over from here.",
	],
	bye: ["Your ticket is closed. Goodbye.", "The ticket is closed now. Goodbye.", "All the best and goodbye."],
	other: ["I see."],
} as const;

function phrasingsOfSay(task: Task, said: Say): readonly string[] {
	switch (said.topic) {
		case "ask": {
			const slot = task.slots[said.slot];
			if (slot === undefined) return SAYINGS.other;
			const { id } = task.orders[task.jobs[slot.job]!.order]!;
			return QUESTIONS[slot.kind].map((phrase) => phrase.replace("ID", id));
		}
		case "tell":
			return SAYINGS.tell.map((phrase) => phrase.replace("ID", idOf(task, said.order)).replace("DAY", said.day));
		case "claim":
			return SAYINGS.claim.map((phrase) => phrase.replace("ID", idOf(task, said.order)).replace("FIELD", said.field));
		default:
			return SAYINGS[said.topic];
	}
}

function idOf(task: Task, order: number): string {
	return task.orders[order]?.id ?? "";
}

const ANSWER_PHRASINGS: Record<string, readonly string[]> = {
	home: ["To my home address, please.", "Home, please.", "Send it home."],
	work: ["To my work address, please.", "Please send it to work.", "Work is best."],
	locker: ["The parcel locker, please.", "Please use the locker.", "To the locker."],
	S: ["Size S, please.", "S would be right.", "I need S."],
	M: ["Size M, please.", "M would be right.", "I need M."],
	L: ["Size L, please.", "L would be right.", "I need L."],
	yes: ["Yes, please.", "Yes, go ahead.", "Yes."],
	card: ["Back to my card, please.", "To the card.", "I would like it on my card."],
	credit: ["As store credit, please.", "Credit is fine.", "I take the credit."],
	replacement: ["A replacement, please.", "I would like a replacement.", "Send me a replacement."],
};
const REPLIES = {
	vague: ["The usual one, you know.", "As always.", "Well, the one that suits me."],
	all: ["No, that is all.", "No, thank you, that is all.", "That is all for today."],
	okay: ["Okay.", "Thank you.", "All right."],
	puzzled: ["I am not sure what you mean.", "Sorry, what do you mean?", "I do not follow."],
} as const;

/** What the customer writes; null when the conversation is over. */
export function wordReply(task: Task, reply: Reply, chance: number): string | null {
	switch (reply.kind) {
		case "value":
			return pick(ANSWER_PHRASINGS[reply.value] ?? [reply.value], chance);
		case "request":
			return wordRequest(task, task.jobs[reply.job]!, chance);
		case "end":
			return null;
		default:
			return pick(REPLIES[reply.kind], chance);
	}
}

/** The customer's first message: the same in all rollouts of a task, as a prompt is. */
export function wordOpening(task: Task): string {
	const { name, email } = task.customer;
	return `Hello, this is ${name} (${email}). ${wordRequest(task, task.jobs[0]!, 0)}`;
}

function wordRequest(task: Task, job: Job, chance: number): string {
	const { item } = task.orders[job.order]!;
	switch (job.kind) {
		case "change": {
			const wishes = job.changes.map(wordChange).join(" and ");
			const send = job.dispatch ? " Please send it off then." : "";
			return pick([`My ${item} ${wishes}.${send}`, `About the ${item}: it ${wishes}.${send}`], chance);
		}
		case "cancel":
			return pick([`I would like to cancel the ${item}.`, `I no longer need the ${item}.`], chance);
		case "lost":
			return pick([`My ${item} never arrived.`, `I am still without my ${item}.`], chance);
		case "day":
			return pick([`When does my ${item} arrive?`, `On which day will I have the ${item}?`], chance);
	}
}

function wordChange({ field, value, ask }: Change): string {
	switch (field) {
		case "address":
			return ask ? "should go to another address" : `should go to my ${value} address`;
		case "size":
			return ask ? "should come in another size" : `should come in size ${value}`;
		case "shipping":
			return ask ? "should travel otherwise" : `should travel by ${value} shipping`;
		case "coupon":
			return `should get the coupon ${value}`;
	}
}

/** The agent's instructions. */
export function systemPrompt(task: Task, budget: number): string {
	return [
		`You work at an order desk. This is ticket ${task.id}.`,
		"Look before you write, ask the customer for whatever a request leaves open, and cancel nothing without confirmation.",
		"What is sent, cancelled, refunded or closed cannot be taken back.",
		"When a wish is met, ask for further ones; when there are none, close the ticket and say goodbye.",
		`You may take at most ${budget} steps.`,
	].join("\n");
}

/** The instructions of somebody who plays the customer. */
export function customerPrompt(task: Task): string {
	const wishes = task.jobs.map((job, index) => `${index + 1}. ${wordRequest(task, job, 0)}`);
	return [
		`You are ${task.customer.name}, a customer of an order desk. This is ticket ${task.id}.`,
		"Tell one wish at a time, in this order, and answer only what you are asked:",
		...wishes,
		"Write ###STOP### when the agent says goodbye or hands over.",
	].join("\n");
}
