// Width and height of a PNG, JPEG, GIF or WebP picture from its first bytes, without decoding it.

export interface Size {
	width: number;
	height: number;
}

/** Null for anything else, or where the header is cut off. */
export function imageSize(bytes: Uint8Array): Size | null {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47)
		return { width: view.getUint32(16), height: view.getUint32(20) };
	if (bytes.length >= 10 && view.getUint32(0) === 0x47494638)
		return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
	if (bytes.length >= 30 && view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return webpSize(view);
	return bytes.length >= 4 && view.getUint16(0) === 0xffd8 ? jpegSize(view) : null;
}

/** Walks over the segments to the frame header. */
function jpegSize(view: DataView): Size | null {
	for (let at = 2; at + 9 < view.byteLength; ) {
		if (view.getUint8(at) !== 0xff) return null;
		const marker = view.getUint8(at + 1);
		const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
		if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
		at += 2 + Math.max(2, view.getUint16(at + 2));
	}
	return null;
}

function webpSize(view: DataView): Size | null {
	const kind = view.getUint32(12);
	if (kind === 0x56503858) return { width: 1 + read24(view, 24), height: 1 + read24(view, 27) };
	if (kind === 0x56503820)
		return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
	if (kind !== 0x5650384c) return null;
	const bits = view.getUint32(21, true);
	return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
}

function read24(view: DataView, at: number): number {
	return view.getUint8(at) | (view.getUint8(at + 1) << 8) | (view.getUint8(at + 2) << 16);
}
