// A step as a text that a person edits, read back as a correction of what was changed and of nothing else.
import { describe, expect, test } from "vitest";
import { readDraft, writeDraft } from "../../../../src/core/labels/correctionDraft.ts";
import type { Step } from "../../../../src/core/model/trajectory.ts";
import { draw } from "../../../support/rollouts.ts";

const [called] = draw("t/0", "book(Paris) = ok").steps as [Step];
const spoken: Step = { ...called, text: "I book.\n→ this is no call", calls: [] };

test("a draft that nobody changed is no correction", () => {
	for (const step of [called, spoken, { ...called, text: "First\n\n\\→ x" }])
		expect(readDraft(writeDraft(step, null), step)).toEqual({ ok: true, value: null });
});

test("changed arguments correct the calls and leave the text as it was", () => {
	const draft = writeDraft(called, null).replace("Paris", "Rome");
	expect(readDraft(draft, called)).toEqual({
		ok: true,
		value: { kind: "correction", text: null, calls: [{ name: "book", arguments: { value: "Rome" } }] },
	});
});

test("calls can be taken away, added and renamed; the text alone can be changed", () => {
	const change = (draft: string, step = called) => {
		const read = readDraft(draft, step);
		return read.ok ? read.value : read.error;
	};
	expect(change("Which city?\n")).toMatchObject({ text: "Which city?", calls: [] });
	expect(change(`${writeDraft(called, null)}\n→ pay\n`)).toMatchObject({
		text: null,
		calls: [{ name: "book" }, { name: "pay", arguments: {} }],
	});
	expect(change("I book nothing.", spoken)).toMatchObject({ text: "I book nothing.", calls: null });
});

test("a correction is shown in the draft, and saying it again gives the same", () => {
	const correction = { kind: "correction", text: "Better", calls: null } as const;
	const draft = writeDraft(called, correction);
	expect(draft).toContain("Better");
	expect(readDraft(draft, called)).toEqual({ ok: true, value: correction });
});

describe("a draft that cannot be read", () => {
	test("says at which line the arguments are no JSON", () => {
		expect(readDraft('Text\n\n→ book\n{ "value": }', called)).toMatchObject({
			ok: false,
			error: expect.stringMatching(/^line 4: the arguments are no JSON/),
		});
	});
});
