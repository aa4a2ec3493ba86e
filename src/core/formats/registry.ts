// Every log format that is read, and which of them a file is. Order decides ties: the special before the general.

import { a2a } from "./a2a.ts";
import { actionGroups } from "./actionGroups.ts";
import { agentBench } from "./agentBench.ts";
import { agentErrorBench } from "./agentErrorBench.ts";
import { agentErrorLabels } from "./agentErrorLabels.ts";
import { agentLab } from "./agentLab.ts";
import { agentRx } from "./agentRx.ts";
import { agentScope } from "./agentScope.ts";
import { aider } from "./aider.ts";
import { anthropicMessages } from "./anthropicMessages.ts";
import { art } from "./art.ts";
import { atif } from "./atif.ts";
import { atropos } from "./atropos.ts";
import { bfcl } from "./bfcl.ts";
import { chatgptExport } from "./chatgptExport.ts";
import { chromeTrace } from "./chromeTrace.ts";
import { claudeCode } from "./claudeCode.ts";
import { clineMessages } from "./clineMessages.ts";
import { codex } from "./codex.ts";
import { copilotCli } from "./copilotCli.ts";
import { copilotDebug } from "./copilotDebug.ts";
import { copilotReplay } from "./copilotReplay.ts";
import { cursorTranscript } from "./cursorTranscript.ts";
import { customFormat } from "./customFormat.ts";
import type { CustomMapping } from "./customMapping.ts";
import { depthFirstThoughts } from "./depthFirstThoughts.ts";
import type { Format, Sample } from "./format.ts";
import { geminiCli } from "./geminiCli.ts";
import { geminiRequests } from "./geminiRequests.ts";
import { googleAdk } from "./googleAdk.ts";
import { guessedFormat } from "./guessedFormat.ts";
import { guiCritic } from "./guiCritic.ts";
import { guiEpisodes } from "./guiEpisodes.ts";
import { iflow } from "./iflow.ts";
import { inspect } from "./inspect.ts";
import { kiro } from "./kiro.ts";
import { langfuse } from "./langfuse.ts";
import { langsmith } from "./langsmith.ts";
import { mathShepherd } from "./mathShepherd.ts";
import { mcpTranscript } from "./mcpTranscript.ts";
import { messageLines } from "./messageLines.ts";
import { mind2web } from "./mind2web.ts";
import { miniSweAgent } from "./miniSweAgent.ts";
import { nemoGym } from "./nemoGym.ts";
import { omegaPrm } from "./omegaPrm.ts";
import { openaiChat } from "./openaiChat.ts";
import { openhands } from "./openhands.ts";
import { openhandsEvents } from "./openhandsEvents.ts";
import { openinference } from "./openinference.ts";
import { otlp } from "./otlp.ts";
import { parallelArrays } from "./parallelArrays.ts";
import { piSession } from "./piSession.ts";
import { plainText } from "./plainText.ts";
import { prm800k } from "./prm800k.ts";
import { processBench } from "./processBench.ts";
import { pythonReprs } from "./pythonReprs.ts";
import { questionList } from "./questionList.ts";
import { qwenCode } from "./qwenCode.ts";
import { reactText } from "./reactText.ts";
import { reasoningGym } from "./reasoningGym.ts";
import { reflexion } from "./reflexion.ts";
import { rllm } from "./rllm.ts";
import { rstar } from "./rstar.ts";
import { runNumbers } from "./runNumbers.ts";
import { settings } from "./settings.ts";
import { skyrl } from "./skyrl.ts";
import { slime } from "./slime.ts";
import { stepJudgements } from "./stepJudgements.ts";
import { sweAgent } from "./sweAgent.ts";
import { taggedChat } from "./taggedChat.ts";
import { tau2 } from "./tau2.ts";
import { tau2Judge } from "./tau2Judge.ts";
import { tauFewShot } from "./tauFewShot.ts";
import { tinker } from "./tinker.ts";
import { toolbench } from "./toolbench.ts";
import { tooleval } from "./tooleval.ts";
import { trail } from "./trail.ts";
import { trailAnnotations } from "./trailAnnotations.ts";
import { treeOfThoughts } from "./treeOfThoughts.ts";
import { trl } from "./trl.ts";
import { vercelAi } from "./vercelAi.ts";
import { verifiersResults } from "./verifiersResults.ts";
import { verifiersTraces } from "./verifiersTraces.ts";
import { verl } from "./verl.ts";
import { webVoyager } from "./webVoyager.ts";
import { whoAndWhen } from "./whoAndWhen.ts";

// biome-ignore format: one line each
export const FORMATS: readonly Format[] = [
	a2a,
	actionGroups,
	agentBench,
	agentErrorBench,
	agentErrorLabels,
	agentLab,
	agentRx,
	agentScope,
	aider,
	anthropicMessages,
	art,
	atif,
	atropos,
	bfcl,
	chromeTrace,
	chatgptExport,
	claudeCode,
	clineMessages,
	codex,
	copilotCli,
	copilotDebug,
	copilotReplay,
	cursorTranscript,
	depthFirstThoughts,
	geminiCli,
	geminiRequests,
	googleAdk,
	guiCritic,
	guiEpisodes,
	iflow,
	inspect,
	kiro,
	langfuse,
	langsmith,
	mathShepherd,
	mcpTranscript,
	messageLines,
	mind2web,
	miniSweAgent,
	nemoGym,
	omegaPrm,
	openhands,
	openhandsEvents,
	openinference,
	otlp,
	parallelArrays,
	piSession,
	plainText,
	prm800k,
	processBench,
	pythonReprs,
	questionList,
	qwenCode,
	reactText,
	reasoningGym,
	reflexion,
	rllm,
	rstar,
	runNumbers,
	settings,
	skyrl,
	slime,
	stepJudgements,
	sweAgent,
	taggedChat,
	tau2,
	tau2Judge,
	tauFewShot,
	tinker,
	toolbench,
	tooleval,
	trail,
	trailAnnotations,
	treeOfThoughts,
	trl,
	vercelAi,
	verifiersResults,
	verifiersTraces,
	verl,
	webVoyager,
	whoAndWhen,
	openaiChat,
];

export interface Detection {
	format: Format;
	/** 0 to 1, as the format's sniffer stated it. */
	confidence: number;
}

/** The format that is surest of the sample; null where none recognises it. */
export function detectFormat(sample: Sample, formats: readonly Format[] = FORMATS): Detection | null {
	let best: Detection | null = null;
	for (const format of formats) {
		const confidence = format.sniff(sample);
		if (confidence > (best?.confidence ?? 0)) best = { format, confidence };
	}
	return best;
}

/** The user's formats before the built-in ones: who writes a mapping wants it used. */
export function formatsWith(mappings: readonly CustomMapping[]): readonly Format[] {
	return [...mappings.map(customFormat), ...FORMATS];
}

/** How formats are chosen, as plain data that can be given to another thread. */
export interface FormatRules {
	/** The user's own formats. */
	mappings: readonly CustomMapping[];
	/** Id of the format that every file is read as; null to go by content. */
	forced: string | null;
	guess: boolean;
}

export const DEFAULT_RULES: FormatRules = { mappings: [], forced: null, guess: false };

export function choiceOf({ mappings, forced, guess }: FormatRules): FormatChoice {
	const formats = formatsWith(mappings);
	return { formats, forced: forced === null ? null : formatById(forced, formats), guess };
}

/** How the format of a file is chosen. */
export interface FormatChoice {
	formats: readonly Format[];
	/** Every file is read as this format, whatever it looks like. */
	forced: Format | null;
	/** What no format knows is read by a guess, which says what was guessed. */
	guess: boolean;
}

export const DEFAULT_CHOICE: FormatChoice = { formats: FORMATS, forced: null, guess: false };

/** The format that a file is to be read in; null where none fits. */
export function chooseFormat(sample: Sample, choice: FormatChoice): Format | null {
	if (choice.forced !== null) return choice.forced;
	const detected = detectFormat(sample, choice.formats)?.format ?? null;
	const isUnknown = detected === null || (detected.notTrajectory === true && sample.layout !== "text");
	return (choice.guess && isUnknown ? guessedFormat(sample) : null) ?? detected;
}

export function formatById(id: string, formats: readonly Format[] = FORMATS): Format | null {
	return formats.find((format) => format.id === id) ?? null;
}
