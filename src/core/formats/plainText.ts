// Text that is neither JSON nor a transcript of a kind that is known: program logs, sources, licences, notes.
import { nothingToRead } from "./nothingToRead.ts";

export const plainText = nothingToRead("plain-text", "Plain text", (sample) => {
	if (sample.layout !== "text" || sample.text.trim() === "") return 0;
	// what begins like JSON is a damaged log, which a person should hear of, not a text
	if (/^\s*["[{]/.test(sample.text)) return 0;
	// colours of terminals are text, other control characters are not
	const strange = sample.text.slice(0, 4096).match(/[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/g)?.length ?? 0;
	return strange <= 4 ? 0.05 : 0;
});
