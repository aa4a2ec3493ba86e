// Every source of evidence for the first error.
import { abandonedPlan } from "./checks/abandonedPlan.ts";
import { answerOrigin } from "./checks/answerOrigin.ts";
import { assumed } from "./checks/assumed.ts";
import { contradictedClaim } from "./checks/contradictedClaim.ts";
import { ending } from "./checks/ending.ts";
import { failedExecution } from "./checks/failedExecution.ts";
import { injection } from "./checks/injection.ts";
import { malformed } from "./checks/malformed.ts";
import { popup } from "./checks/popup.ts";
import { reference } from "./checks/reference.ts";
import { repeatedCall } from "./checks/repeatedCall.ts";
import { schema } from "./checks/schema.ts";
import { scoreDrop } from "./checks/scoreDrop.ts";
import { switchedScript } from "./checks/switchedScript.ts";
import { toolError } from "./checks/toolError.ts";
import { unasked } from "./checks/unasked.ts";
import { ungrounded } from "./checks/ungrounded.ts";
import { unsourced } from "./checks/unsourced.ts";
import { unsupportedAnswer } from "./checks/unsupportedAnswer.ts";
import type { EvidenceSource } from "./evidence.ts";
import { siblingAnswers } from "./siblings/answers.ts";
import { divergence } from "./siblings/divergence.ts";
import { treeRule } from "./siblings/treeRule.ts";
import { siblingWrites } from "./siblings/writes.ts";

export const EVIDENCE_SOURCES: readonly EvidenceSource[] = [
	abandonedPlan,
	answerOrigin,
	assumed,
	contradictedClaim,
	divergence,
	ending,
	failedExecution,
	injection,
	malformed,
	popup,
	reference,
	repeatedCall,
	schema,
	scoreDrop,
	siblingAnswers,
	siblingWrites,
	switchedScript,
	toolError,
	treeRule,
	unasked,
	ungrounded,
	unsourced,
	unsupportedAnswer,
];
