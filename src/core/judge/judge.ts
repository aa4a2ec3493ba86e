// Asks a judge about one rollout: sub-judges on shuffled steps, a reviewer on what they found, averaged over several orders.
import type { Evidence, EvidenceLink } from "../firstError/evidence.ts";
import { meanOf } from "../math/moments.ts";
import type { Random } from "../math/random.ts";
import type { Result } from "../model/problem.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import type { ChatMessage } from "../rerun/chat.ts";
import { oneLine } from "../text/line.ts";
import { readFindings, readScores } from "./answers.ts";
import { type Lettered, lettered } from "./candidates.ts";
import { DIMENSIONS } from "./dimensions.ts";
import type { Exemplar } from "./exemplars.ts";
import { dimensionQuestion, type Reviewed, reviewQuestion } from "./prompts.ts";
import { findQuote } from "./quotes.ts";

/** Answers a conversation, or says why it cannot. Never throws. */
export type Ask = (messages: readonly ChatMessage[]) => Promise<Result<string, string>>;

export interface JudgeRequest {
	rollout: Rollout;
	/** 0-based steps to ask about, in order. */
	candidates: readonly number[];
	/** Orders over which scores are averaged. */
	orders: number;
	exemplars: readonly Exemplar[];
	random: Random;
	isCancelled(): boolean;
	/** Told after each answer. */
	progress(asked: number, of: number): void;
}

export interface JudgedStep {
	step: number;
	/** 0 to 1: mean over the orders. */
	wrong: number;
	/** Probability that it is the first wrong one, if scores are taken as probabilities. */
	first: number;
}

export interface Judgement {
	steps: JudgedStep[];
	/** Probability that none of them is wrong. */
	none: number;
	evidence: Evidence[];
	/** Questions, answers that made no sense, and findings whose words stand nowhere in their step. */
	asked: number;
	nonsense: number;
	invented: number;
	/** Orders that were scored; fewer than wanted where the judge failed or was cancelled. */
	orders: number;
	/** Why the last question was not answered; null where all were. */
	trouble: string | null;
}

/** Questions for one rollout. */
export function questionsFor(orders: number): number {
	return orders * (DIMENSIONS.length + 1);
}

interface Noted {
	step: number;
	dimension: string;
	score: number;
	why: string;
	link: EvidenceLink;
}

/** The judge at the other end, and what it was worth so far. After the first trouble it is asked nothing more. */
interface Talk {
	asked: number;
	nonsense: number;
	invented: number;
	trouble: string | null;
	answer(messages: readonly ChatMessage[]): Promise<string | null>;
}

function talkWith(ask: Ask, { orders, isCancelled, progress }: JudgeRequest): Talk {
	const talk: Talk = {
		asked: 0,
		nonsense: 0,
		invented: 0,
		trouble: null,
		answer: async (messages) => {
			if (isCancelled()) talk.trouble = "cancelled";
			if (talk.trouble !== null) return null;
			const answer = await ask(messages);
			talk.asked++;
			progress(talk.asked, questionsFor(orders));
			if (!answer.ok) talk.trouble = answer.error;
			return answer.ok ? answer.value : null;
		},
	};
	return talk;
}

/** Whatever the judge does, what is known by then is answered. */
export async function judgeRollout(request: JudgeRequest, ask: Ask): Promise<Judgement> {
	const { rollout, candidates, random } = request;
	const talk = talkWith(ask, request);
	const noted: Noted[] = [];
	const rounds: Map<number, number>[] = [];
	for (let order = 0; order < request.orders && candidates.length > 0 && talk.trouble === null; order++) {
		const shown = lettered(candidates, random);
		const findings = await askDimensions(request, shown, talk);
		noted.push(...findings);
		const scores = await review(rollout, shown, findings, talk);
		if (scores !== null) rounds.push(scores);
	}
	const wrong = candidates.map((step) => {
		const scores = rounds.flatMap((round) => round.get(step) ?? []);
		return scores.length === 0 ? 0 : meanOf(scores);
	});
	const { asked, nonsense, invented, trouble } = talk;
	const evidence = evidenceOf(candidates, wrong, noted);
	return { ...firstOf(candidates, wrong), evidence, orders: rounds.length, asked, nonsense, invented, trouble };
}

/** Findings of all sub-judges on one order, without those whose words stand nowhere in their step. */
async function askDimensions(
	{ rollout, exemplars }: JudgeRequest,
	shown: readonly Lettered[],
	talk: Talk,
): Promise<Noted[]> {
	const findings: Noted[] = [];
	for (const dimension of DIMENSIONS) {
		const text = await talk.answer(dimensionQuestion(rollout, shown, dimension, exemplars));
		if (text === null) break;
		const read = readFindings(text, lettersOf(shown));
		if (!read.ok) {
			talk.nonsense++;
			continue;
		}
		for (const { letter, score, why, quote } of read.value) {
			const step = stepOf(shown, letter);
			const link = findQuote(rollout.steps[step] as Step, quote);
			if (link === null) talk.invented++;
			else findings.push({ step, dimension: dimension.title, score, why, link });
		}
	}
	return findings;
}

/** The reviewer's scores; where its answer makes no sense the strongest finding of each step stands. */
async function review(
	rollout: Rollout,
	shown: readonly Lettered[],
	findings: readonly Noted[],
	talk: Talk,
): Promise<Map<number, number> | null> {
	const letterOf = new Map(shown.map(({ letter, step }) => [step, letter]));
	const reviewed = findings.map(
		({ step, dimension, score, why, link }): Reviewed => ({
			letter: letterOf.get(step) as string,
			dimension,
			score: Math.round(score * 10),
			why: oneLine(why, 300),
			quote: link.quote,
		}),
	);
	const text = await talk.answer(reviewQuestion(rollout, shown, reviewed));
	if (text === null) return null;
	const read = readScores(text, lettersOf(shown));
	if (read.ok) return new Map([...read.value].map(([letter, score]) => [stepOf(shown, letter), score]));
	talk.nonsense++;
	if (findings.length === 0) return null;
	const strongest = (step: number) =>
		Math.max(0, ...findings.filter((finding) => finding.step === step).map(({ score }) => score));
	return new Map(shown.map(({ step }) => [step, strongest(step)]));
}

/** P(first wrong = t) = wrong(t) * product over earlier steps of (1 - wrong). */
function firstOf(candidates: readonly number[], wrong: readonly number[]): Pick<Judgement, "steps" | "none"> {
	let right = 1;
	const steps = candidates.map((step, index) => {
		const own = wrong[index] as number;
		const first = right * own;
		right *= 1 - own;
		return { step, wrong: own, first };
	});
	return { steps, none: right };
}

/** Below this a step is not worth a reader's time. */
const WORTH_SAYING = 0.3;

/** One piece a step: what the surest sub-judge said of it, with every quote that was found. */
function evidenceOf(candidates: readonly number[], wrong: readonly number[], noted: readonly Noted[]): Evidence[] {
	return candidates.flatMap((step, index): Evidence[] => {
		const strength = wrong[index] as number;
		const own = noted.filter((finding) => finding.step === step).sort((a, b) => b.score - a.score);
		const [surest] = own;
		if (surest === undefined || strength < WORTH_SAYING) return [];
		const links = [...new Map(own.map(({ link }) => [link.quote, link])).values()].slice(0, 3);
		return [
			{ kind: "judge", step, strength, text: `Judge on ${surest.dimension}: ${oneLine(surest.why, 300)}`, links },
		];
	});
}

function lettersOf(shown: readonly Lettered[]): string[] {
	return shown.map(({ letter }) => letter);
}

function stepOf(shown: readonly Lettered[], letter: string): number {
	return (shown.find((entry) => entry.letter === letter) as Lettered).step;
}
