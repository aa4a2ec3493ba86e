// A fast hash of text for grouping and cache keys. Not for security.

/** 53-bit hash as 14 hexadecimal digits; equal texts give equal hashes on every machine. */
export function hashText(text: string): string {
	let low = 0x9e3779b9;
	let high = 0x85ebca6b;
	for (let at = 0; at < text.length; at++) {
		const unit = text.charCodeAt(at);
		low = Math.imul(low ^ unit, 0x01000193);
		high = Math.imul(high ^ unit, 0x5bd1e995);
	}
	low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d) ^ (high >>> 13);
	high = Math.imul(high ^ (high >>> 16), 0x297a2d39) ^ (low >>> 14);
	return ((high >>> 0) & 0x1fffff).toString(16).padStart(6, "0") + (low >>> 0).toString(16).padStart(8, "0");
}
