// What commands share that let an agent go on: the policy or the user's own program, sampling, the other side, the verifier.
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseJson } from "../core/json/parse.ts";
import { ANSWER_CHECKS, type AnswerCheck } from "../core/rerun/answers.ts";
import type { Sampling } from "../core/rerun/completion.ts";
import type { ExternalRunner } from "../io/externalRunner.ts";
import { LOOP_LIMITS, type OtherSide } from "../io/rerun.ts";
import type { Verifier } from "../io/verifiers.ts";
import { countNumber, stepNumber } from "./running.ts";

export interface PolicyFlags {
	policy?: string;
	model: string;
	runner?: string;
	temperature?: number;
	maxTokens?: number;
	seed?: number;
	steps: number;
	tokens: number;
	user: "nobody" | "recording" | "simulated";
	userModel?: string;
	userInstruction?: string;
	verifier?: string;
}

export function addPolicy(command: Command): Command {
	return command
		.option("--policy <url>", "chat-completions endpoint, as in http://127.0.0.1:8000/v1; key in TRAJECTORY_API_KEY")
		.requiredOption("--model <name>", "model to ask for")
		.option("--runner <command>", `own program instead, as a JSON list with \${prefixFile} and \${outputFile}`)
		.option("--temperature <number>", "by default the endpoint's own", decimal)
		.option("--max-tokens <number>", "longest answer", countNumber)
		.option("--seed <number>", "seed of the first continuation; each next one has the next", stepNumber)
		.option("--steps <number>", "most answers a continuation", countNumber, LOOP_LIMITS.steps)
		.option("--tokens <number>", "most tokens a continuation", countNumber, LOOP_LIMITS.tokens)
		.addOption(
			new Option("--user <who>", "who speaks for the user")
				.choices(["nobody", "recording", "simulated"])
				.default("recording"),
		)
		.option("--user-model <name>", "model of the simulated user, at the same endpoint")
		.option("--user-instruction <text>", "what the simulated user is told")
		.option("--verifier <what>", `${ANSWER_CHECKS.join(", ")}, an address, or a command as a JSON list`);
}

/** A number from 0. @throws what the command line shows as wrong use */
export function decimal(text: string): number {
	const value = Number(text);
	if (text.trim() === "" || !Number.isFinite(value) || value < 0)
		throw new InvalidArgumentError("must be a number from 0");
	return value;
}

/** The verifier of `--verifier`, null without one; a sentence where it is broken. */
export function verifierOf({ verifier }: PolicyFlags): Verifier | null | string {
	if (verifier === undefined) return null;
	const check = ANSWER_CHECKS.find((name): name is AnswerCheck => name === verifier);
	if (check !== undefined) return { kind: "answer", check };
	if (/^https?:\/\//.test(verifier)) return { kind: "http", url: verifier };
	const command = commandIn(verifier);
	if (command !== null) return { kind: "command", command, cwd: null };
	return `--verifier is ${ANSWER_CHECKS.join(", ")}, an address, or a command as in '["python3", "verify.py"]'`;
}

/** A command written as a JSON list; null where it is none. */
function commandIn(text: string): string[] | null {
	const parsed = parseJson(text);
	const list = parsed.ok && Array.isArray(parsed.value) ? parsed.value : [];
	const parts = list.filter((part) => typeof part === "string");
	return parts.length > 0 && parts.length === list.length ? parts : null;
}

const RUNNER_SECONDS = 3600;

/** The program of `--runner`, null without one, a sentence where it or `--policy` is missing or broken. */
export function runnerOf({ runner, policy }: PolicyFlags): ExternalRunner | null | string {
	if (runner === undefined) return policy === undefined ? "--policy URL or --runner COMMAND is needed" : null;
	const command = commandIn(runner);
	if (command === null) return "--runner is a JSON list of a program and its arguments";
	return { command, cwd: process.cwd(), seconds: RUNNER_SECONDS };
}

export function samplingOf({ model, temperature, maxTokens, seed }: PolicyFlags): Sampling {
	return { model, temperature: temperature ?? null, topP: null, maxTokens: maxTokens ?? null, seed: seed ?? null };
}

export function endpointOf({ policy }: PolicyFlags): { url: string; key: string | null } {
	return { url: policy ?? "", key: process.env.TRAJECTORY_API_KEY ?? null };
}

export function otherSideOf(flags: PolicyFlags): OtherSide {
	const { user, userModel, userInstruction } = flags;
	const simulated: OtherSide =
		userModel === undefined
			? { kind: "nobody" }
			: { kind: "simulated", endpoint: endpointOf(flags), model: userModel, instruction: userInstruction ?? "" };
	if (user === "nobody") return { kind: "nobody" };
	return user === "simulated" ? simulated : { kind: "recording", otherwise: simulated };
}
