// Every source of evidence for the first error.
import type { EvidenceSource } from "./evidence.ts";
import { repeatedCall } from "./repeatedCall.ts";
import { siblingDivergence, treeRule } from "./siblings.ts";
import { toolError } from "./toolError.ts";

export const EVIDENCE_SOURCES: readonly EvidenceSource[] = [toolError, repeatedCall, treeRule, siblingDivergence];
