// Texts that try to give orders to an agent: prompt injections, as far as their wording gives them away.

const ORDER =
	/\b(?:ignore (?:all |any |the )?(?:previous|prior|above|earlier) (?:instructions|prompts|messages)|disregard (?:all |your |the )?(?:previous|prior|above|instructions)|new instructions?:|you (?:must|should) now|important(?: message| instruction)?\s*(?:for|to) (?:the )?(?:assistant|ai|agent|model)|<information>|before you (?:can )?(?:solve|continue|proceed|answer)[^.]{0,60}(?:please|you (?:must|have to)))/i;

/** Characters of a text that are looked into. */
const LOOKED_INTO = 200_000;

/** Where the first order of `text` begins, in characters; null where none is recognised. Takes linear time. */
export function findOrder(text: string): number | null {
	return ORDER.exec(text.slice(0, LOOKED_INTO))?.index ?? null;
}
