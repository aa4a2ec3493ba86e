// Bits that say something about a node's step, in a byte column.
export const NodeFlag = { error: 1, copied: 2 } as const;
