// The tools of the order desk as their callers see them: names, schemas and honest hints about their effects.
import type { Arguments, ToolName } from "./desk.ts";
import { isTool } from "./desk.ts";
import { FIELDS } from "./words.ts";

/** `read` changes nothing, `reversible` can be undone by another call, `irreversible` cannot. */
export type ToolEffect = "read" | "reversible" | "irreversible";

export interface ToolSpec {
	name: ToolName;
	title: string;
	description: string;
	effect: ToolEffect;
	/** The same call twice leaves the desk as the same call once. */
	idempotent: boolean;
	/** All parameters are required strings. */
	parameters: Record<string, Parameter>;
}

interface Parameter {
	description: string;
	values?: readonly string[];
}

const ORDER: Parameter = { description: "Order id, for example O-10701" };

function tool(
	name: ToolName,
	effect: ToolEffect,
	description: string,
	parameters: Record<string, Parameter>,
	idempotent = true,
): ToolSpec {
	const title = name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
	return { name, title, description, effect, idempotent, parameters };
}

export const TOOLS: readonly ToolSpec[] = [
	tool("find_customer", "read", "Find a customer by e-mail address.", {
		email: { description: "E-mail address of the customer" },
	}),
	tool("list_orders", "read", "All orders of a customer, with every field.", {
		customer_id: { description: "Customer id, for example C-107" },
	}),
	tool("get_order", "read", "One order, with every field.", { order_id: ORDER }),
	tool("track_parcel", "read", "Ask the carrier where a parcel is.", { order_id: ORDER }),
	tool("check_stock", "read", "Sizes of an item that are in stock.", { item: { description: "Name of the item" } }),
	tool("read_policy", "read", "Read a rule of the desk.", {
		topic: { description: "Topic", values: ["changes", "cancellations", "parcels"] },
	}),
	tool("set_address", "reversible", "Change where an order is delivered.", {
		order_id: ORDER,
		address: { description: "Delivery address", values: FIELDS.address },
	}),
	tool("change_size", "reversible", "Change the size of the ordered item.", {
		order_id: ORDER,
		size: { description: "Size", values: FIELDS.size },
	}),
	tool("set_shipping", "reversible", "Change how fast an order is delivered.", {
		order_id: ORDER,
		shipping: { description: "Shipping", values: FIELDS.shipping },
	}),
	tool("apply_coupon", "reversible", "Apply a coupon to an order.", {
		order_id: ORDER,
		code: { description: "Coupon", values: ["SPRING10"] },
	}),
	tool("remove_coupon", "reversible", "Remove the coupon of an order.", { order_id: ORDER }),
	tool("hold_order", "reversible", "Put an order on hold so that it can be changed.", { order_id: ORDER }),
	tool("release_order", "reversible", "Release an order that is on hold.", { order_id: ORDER }),
	tool(
		"add_note",
		"reversible",
		"Add a note to the ticket.",
		{ order_id: ORDER, text: { description: "The note" } },
		false,
	),
	tool("dispatch_order", "irreversible", "Send an order off. It cannot be changed afterwards.", { order_id: ORDER }),
	tool("cancel_order", "irreversible", "Cancel an order. Only with the customer's confirmation.", { order_id: ORDER }),
	tool("issue_refund", "irreversible", "Refund a cancelled or lost order.", {
		order_id: ORDER,
		to: { description: "Where the money goes", values: ["card", "credit"] },
	}),
	tool("send_replacement", "irreversible", "Send a new parcel for a lost one.", { order_id: ORDER }),
	tool("close_ticket", "irreversible", "Close the ticket. Nothing can be done after it.", {
		resolution: { description: "How the ticket ends", values: ["solved", "unresolved"] },
	}),
];

const BY_NAME = new Map(TOOLS.map((spec) => [spec.name, spec]));

/** The tool's parameters as JSON Schema. */
export function schemaOf(spec: ToolSpec) {
	const properties: Record<string, { type: "string"; description: string; enum?: readonly string[] }> = {};
	for (const [name, parameter] of Object.entries(spec.parameters)) {
		properties[name] = { type: "string", description: parameter.description };
		if (parameter.values !== undefined) properties[name].enum = parameter.values;
	}
	return { type: "object" as const, properties, required: Object.keys(properties), additionalProperties: false };
}

/** The tools as an OpenAI request and the logs list them. */
export function functionTools() {
	return TOOLS.map((spec) => ({
		type: "function" as const,
		function: { name: spec.name, description: spec.description, parameters: schemaOf(spec) },
	}));
}

export type Checked =
	| { ok: true; tool: ToolName }
	| { ok: false; reason: "unknown-tool" | "bad-arguments"; error: string };

/** Whether a call names a tool of the desk and fits its schema. */
export function checkCall(name: string, args: Arguments): Checked {
	if (!isTool(name)) return { ok: false, reason: "unknown-tool", error: `Unknown tool: ${name}` };
	const { parameters } = BY_NAME.get(name)!;
	const bad = (error: string): Checked => ({ ok: false, reason: "bad-arguments", error: `${name}: ${error}` });
	for (const key of Object.keys(args)) {
		if (!Object.hasOwn(parameters, key)) return bad(`there is no argument ${key}`);
	}
	for (const key of Object.keys(parameters)) {
		const value = Object.hasOwn(args, key) ? args[key] : undefined;
		if (value === undefined) return bad(`${key} is missing`);
		if (typeof value !== "string") return bad(`${key} must be a string`);
		const { values } = parameters[key]!;
		if (values !== undefined && !values.includes(value)) return bad(`${key} must be one of ${values.join(", ")}`);
	}
	return { ok: true, tool: name };
}
