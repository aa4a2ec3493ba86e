// The qualities that sub-judges look at, one each (after RecGPT-V2, whose reviewer weighs the findings of narrow judges).

export interface Dimension {
	id: string;
	title: string;
	/** What counts as wrong under it, as it is put to the judge. */
	asks: string;
}

export const DIMENSIONS: readonly Dimension[] = [
	{
		id: "grounding",
		title: "grounding",
		asks: "the step relies on a fact, name, number or id that nothing before it shows, or contradicts what was observed",
	},
	{
		id: "tools",
		title: "tool use",
		asks: "the step calls the wrong tool, passes wrong arguments, repeats a call for nothing, or ignores an error that came back",
	},
	{
		id: "instructions",
		title: "instructions",
		asks: "the step goes against what the user or the instructions asked for, does what nobody asked for, or acts without asking where it had to",
	},
	{
		id: "reasoning",
		title: "reasoning",
		asks: "the step draws a conclusion that does not follow, miscounts, or gives up or ends before the task is done",
	},
];
