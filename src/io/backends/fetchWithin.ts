// fetch with an end: a body larger than allowed is cut off with an error instead of filling the memory.

export function fetchWithin(url: string, init: RequestInit, bytes: number): Promise<Response> {
	return fetch(url, init).then((response) => {
		if (response.body === null) return response;
		let left = bytes;
		const limited = response.body.pipeThrough(
			new TransformStream<Uint8Array, Uint8Array>({
				transform(piece, controller) {
					left -= piece.byteLength;
					if (left < 0) controller.error(new Error(`the answer is larger than ${bytes} bytes`));
					else controller.enqueue(piece);
				},
			}),
		);
		const { status, statusText, headers } = response;
		return new Response(limited, { status, statusText, headers });
	});
}
