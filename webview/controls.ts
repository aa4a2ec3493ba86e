// The page's controls, all of them, over @vscode/webview-ui-toolkit. Nothing else in webview/ knows that library, which
// is no longer developed: another one needs these functions only.
import {
	type Button,
	type Dropdown,
	provideVSCodeDesignSystem,
	type TextField,
	vsCodeButton,
	vsCodeDropdown,
	vsCodeOption,
	vsCodeProgressRing,
	vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { dress, element, glyphIcon } from "./dom.ts";

/** Registers the custom elements; call once before any of the functions below. */
export function registerControls(): void {
	provideVSCodeDesignSystem().register(
		vsCodeButton(),
		vsCodeDropdown(),
		vsCodeOption(),
		vsCodeProgressRing(),
		vsCodeTextField(),
	);
}

export interface ButtonOptions {
	label: string;
	/** Stroke path of a sign; the label is then the tooltip and the name for screen readers. */
	icon?: string;
	primary?: boolean;
	pressed?: boolean;
	disabled?: boolean;
	press(): void;
}

export function button(options: ButtonOptions): HTMLElement {
	const made = document.createElement("vscode-button") as Button;
	// without the attribute the library calls every button with a sign "Icon Button"
	if (options.icon !== undefined) made.setAttribute("aria-label", options.label);
	made.appearance = options.icon === undefined ? (options.primary === true ? "primary" : "secondary") : "icon";
	made.disabled = options.disabled === true;
	if (options.pressed !== undefined) made.setAttribute("aria-pressed", String(options.pressed));
	if (options.icon === undefined) made.textContent = options.label;
	else {
		made.title = options.label;
		made.append(glyphIcon(options.icon, 16));
	}
	made.addEventListener("click", () => options.press());
	return made;
}

export interface Choice {
	id: string;
	title: string;
	explanation?: string;
}

export interface ChoiceControl {
	element: HTMLElement;
	/** Replaces the choices and the chosen one without reporting a choice. */
	show(choices: readonly Choice[], chosen: string): void;
}

/** One out of a few, with its name before it unless that stands in the choices themselves. */
export function choice(label: string, chose: (id: string) => void, isNamed = true): ChoiceControl {
	const dropdown = document.createElement("vscode-dropdown") as Dropdown;
	// making thirty options takes longer than taking in a rollout, so that is done only when they differ
	let shown = "";
	dropdown.setAttribute("aria-label", label);
	dropdown.addEventListener("change", () => chose(dropdown.value));
	const name = isNamed ? element("span", { class: "choice-label" }, label) : null;
	const made = element("span", { class: "choice" }, name, dropdown);
	return {
		element: made,
		show: (choices, chosen) => {
			const now = JSON.stringify(choices);
			if (now !== shown)
				dropdown.replaceChildren(
					...choices.map(({ id, title, explanation }) => {
						const option = document.createElement("vscode-option") as HTMLOptionElement;
						option.value = id;
						option.textContent = title;
						option.selected = id === chosen;
						if (explanation !== undefined) option.title = explanation;
						return option;
					}),
				);
			shown = now;
			if (dropdown.value !== chosen) dropdown.value = chosen;
			const current = choices.find(({ id }) => id === chosen);
			if (current?.explanation !== undefined) made.title = current.explanation;
		},
	};
}

export interface FieldControl {
	element: HTMLElement;
	value(): string;
	show(value: string): void;
	/** Says what is wrong with the text; null when nothing is. */
	complain(problem: string | null): void;
	focus(): void;
}

/** A line of text that reports itself `wait` milliseconds after the last key, and at once on Enter. */
export function field(label: string, placeholder: string, changed: (value: string) => void, wait = 200): FieldControl {
	const made = document.createElement("vscode-text-field") as TextField;
	made.placeholder = placeholder;
	// the library takes a field's name from its content; page.css hides it, the placeholder says as much
	made.textContent = label;
	dress(made, { class: "field", title: label });
	let timer: ReturnType<typeof setTimeout> | undefined;
	const report = () => {
		clearTimeout(timer);
		changed(made.value);
	};
	made.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(report, wait);
	});
	made.addEventListener("keydown", (event) => {
		if (event.key === "Enter") report();
		if (event.key !== "Escape" || made.value === "") return;
		made.value = "";
		report();
		event.stopPropagation();
	});
	return {
		element: made,
		value: () => made.value,
		show: (value) => {
			made.value = value;
		},
		complain: (problem) => {
			made.classList.toggle("wrong", problem !== null);
			made.title = problem ?? label;
		},
		focus: () => made.focus(),
	};
}

export function progress(label: string): HTMLElement {
	const ring = document.createElement("vscode-progress-ring");
	ring.setAttribute("aria-label", label);
	return ring;
}
