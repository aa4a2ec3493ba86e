// Failed rollouts that failed alike: hierarchical clustering over what points to their errors.

/** A binary tree of clusters: leaf i is signature i; merge m makes cluster `count + m` out of `left[m]` and `right[m]`. */
export interface ClusterTree {
	left: Int32Array;
	right: Int32Array;
	/** Average distance (0 equal, 1 nothing in common) at which the two were joined; never falls from merge to merge. */
	height: Float64Array;
}

/** Share of the marks that only one of two signatures has (Jaccard distance); 0 for two empty ones. */
export function signatureDistance(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
	let common = 0;
	for (const mark of a) if (b.has(mark)) common++;
	const all = a.size + b.size - common;
	return all === 0 ? 0 : 1 - common / all;
}

/**
 * Average linkage by chains of nearest neighbours (Murtagh 1983): quadratic in the number of signatures, and the same
 * merges as joining the two nearest clusters again and again.
 */
export function clusterSignatures(signatures: readonly (readonly string[])[]): ClusterTree {
	const count = signatures.length;
	const distance = distances(signatures.map((signature) => new Set(signature)));
	const size = new Int32Array(count).fill(1);
	const alive = new Uint8Array(count).fill(1);
	const joined: { a: number; b: number; height: number }[] = [];
	const chain: number[] = [];
	while (joined.length < count - 1) {
		if (chain.length === 0) chain.push(alive.indexOf(1));
		const top = chain.at(-1) as number;
		const before = chain.at(-2) ?? -1;
		const nearest = nearestTo(top, before, distance, alive);
		if (nearest !== before) {
			chain.push(nearest);
			continue;
		}
		chain.length -= 2;
		joined.push({ a: before, b: top, height: distance[before * count + top] as number });
		joinInto(before, top, distance, size, alive);
	}
	return numbered(joined, count);
}

function distances(signatures: ReadonlySet<string>[]): Float64Array {
	const count = signatures.length;
	const distance = new Float64Array(count * count);
	for (let a = 0; a < count; a++) {
		for (let b = a + 1; b < count; b++) {
			const between = signatureDistance(signatures[a] as Set<string>, signatures[b] as Set<string>);
			distance[a * count + b] = between;
			distance[b * count + a] = between;
		}
	}
	return distance;
}

/** The living cluster that is nearest to `of`; `preferred` where it is as near as any, which ends the chain. */
function nearestTo(of: number, preferred: number, distance: Float64Array, alive: Uint8Array): number {
	const count = alive.length;
	let nearest = preferred;
	let least = preferred === -1 ? Number.POSITIVE_INFINITY : (distance[of * count + preferred] as number);
	for (let other = 0; other < count; other++) {
		if (alive[other] === 0 || other === of) continue;
		const between = distance[of * count + other] as number;
		if (between < least) {
			least = between;
			nearest = other;
		}
	}
	return nearest;
}

/** Cluster `a` becomes both; its distances become averages over all pairs. */
function joinInto(a: number, b: number, distance: Float64Array, size: Int32Array, alive: Uint8Array): void {
	const count = alive.length;
	const sizeA = size[a] as number;
	const sizeB = size[b] as number;
	alive[b] = 0;
	size[a] = sizeA + sizeB;
	for (let other = 0; other < count; other++) {
		if (alive[other] === 0 || other === a) continue;
		const average =
			((distance[a * count + other] as number) * sizeA + (distance[b * count + other] as number) * sizeB) /
			(sizeA + sizeB);
		distance[a * count + other] = average;
		distance[other * count + a] = average;
	}
}

/** Chains find merges out of order: sorted by height, each side is renamed to the cluster that it is by then. */
function numbered(joined: { a: number; b: number; height: number }[], count: number): ClusterTree {
	const merges = Math.max(count - 1, 0);
	const tree = { left: new Int32Array(merges), right: new Int32Array(merges), height: new Float64Array(merges) };
	const owner = Int32Array.from({ length: count + merges }, (_, index) => index);
	const find = (leaf: number): number => {
		let root = leaf;
		while (owner[root] !== root) root = owner[root] as number;
		for (let at = leaf; at !== root; ) {
			const next = owner[at] as number;
			owner[at] = root;
			at = next;
		}
		return root;
	};
	joined.sort((one, other) => one.height - other.height);
	joined.forEach(({ a, b, height }, merge) => {
		const left = find(a);
		const right = find(b);
		tree.left[merge] = left;
		tree.right[merge] = right;
		tree.height[merge] = height;
		owner[left] = count + merge;
		owner[right] = count + merge;
	});
	return tree;
}

/** Clusters of signatures that were joined at no more than `height`, largest first, each with its medoid first. */
export function clustersAt(tree: ClusterTree, signatures: readonly (readonly string[])[], height: number): number[][] {
	const count = signatures.length;
	const members: number[][] = Array.from({ length: count }, (_, index) => [index]);
	const whole = new Set(members.keys());
	for (let merge = 0; merge < tree.height.length; merge++) {
		const left = tree.left[merge] as number;
		const right = tree.right[merge] as number;
		if ((tree.height[merge] as number) > height) {
			members.push([]);
			continue;
		}
		members.push([...(members[left] as number[]), ...(members[right] as number[])]);
		whole.delete(left);
		whole.delete(right);
		whole.add(count + merge);
	}
	return [...whole]
		.map((cluster) =>
			medoidFirst(
				(members[cluster] as number[]).toSorted((a, b) => a - b),
				signatures,
			),
		)
		.sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}

/** The member with the least distance to all others stands for the cluster. */
function medoidFirst(cluster: number[], signatures: readonly (readonly string[])[]): number[] {
	const sets = cluster.map((member) => new Set(signatures[member]));
	const total = sets.map((set) => sets.reduce((sum, other) => sum + signatureDistance(set, other), 0));
	const best = total.indexOf(Math.min(...total));
	return [cluster[best] as number, ...cluster.filter((_, index) => index !== best)];
}
