// Movement of at most 150 ms, and none where the user wants none.

const LONGEST = 150;

export function wantsMotion(): boolean {
	return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Calls `step` with a share from 0 to 1 on every frame; at once with 1 without motion. Answers a function that stops it. */
export function animate(step: (share: number) => void): () => void {
	if (!wantsMotion()) {
		step(1);
		return () => {};
	}
	const started = performance.now();
	let frame = requestAnimationFrame(function move(now) {
		const share = Math.min(1, Math.max(0, (now - started) / LONGEST));
		step(1 - (1 - share) ** 3);
		if (share < 1) frame = requestAnimationFrame(move);
	});
	return () => cancelAnimationFrame(frame);
}
