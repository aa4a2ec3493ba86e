// Failures that failed alike are found together.
import { describe, expect, test } from "vitest";
import { clusterSignatures, clustersAt, signatureDistance } from "../../../../src/core/tree/clusters.ts";

const alike = [
	["tool error refund", "repeated get_order"],
	["tool error refund"],
	["no policy read"],
	["tool error refund", "repeated get_order"],
	["no policy read", "wrong item"],
];

describe("failures", () => {
	test("with the same evidence are one cluster, the most typical first", () => {
		const tree = clusterSignatures(alike);
		expect(clustersAt(tree, alike, 0)).toEqual([[0, 3], [1], [2], [4]]);
		expect(clustersAt(tree, alike, 0.6)).toEqual([
			[0, 1, 3],
			[2, 4],
		]);
		expect(clustersAt(tree, alike, 1)).toEqual([[0, 1, 2, 3, 4]]);
	});

	test("are joined at rising heights: the average distance between all pairs", () => {
		const { height } = clusterSignatures(alike);
		expect([...height]).toEqual([0, 0.5, 0.5, 1]);
	});

	test("may be none, one, or without any evidence", () => {
		expect(clusterSignatures([]).height).toHaveLength(0);
		expect(clustersAt(clusterSignatures([["x"]]), [["x"]], 0)).toEqual([[0]]);
		expect(signatureDistance(new Set(), new Set())).toBe(0);
		expect(signatureDistance(new Set(["a"]), new Set(["b"]))).toBe(1);
	});
});
