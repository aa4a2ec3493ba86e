// Logs as files: reproducible, readable by the product, with their truth beside them; branches; difficulty; replay.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { runCommand } from "../src/commands.ts";
import { writeRollouts } from "../src/record/files.ts";
import { BINS, DEFAULT_OPTIONS, generateFailures, generateGroups, TaskRecorder } from "../src/record/generate.ts";
import { PLAIN_SWITCHES, type RolloutRecord, type TruthRecord } from "../src/record/records.ts";
import { CallerDesk, SnapshotStore } from "../src/servers/desks.ts";
import { ODDITIES, type OddityKind, SLIPS, type SlipKind } from "../src/world/kinds.ts";
import { callsOf, observationText } from "../src/world/messages.ts";
import { makeProfile } from "../src/world/profiles.ts";
import { SKILLS } from "../src/world/skill.ts";
import { findTask, TASKS } from "../src/world/taskList.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PRACTICE = join(ROOT, "examples/practice/src/cli.ts");
const folder = mkdtempSync(join(tmpdir(), "practice-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string, ...args: string[]) {
	const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8", cwd: folder });
	return { status, stdout, stderr };
}

function readLines<Line>(file: string): Line[] {
	return readFileSync(file, "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as Line);
}

test("the same seed writes the same bytes, another seed others", async () => {
	const tasks = TASKS.slice(0, 4);
	const texts = [];
	for (const [name, seed] of [
		["a", 5],
		["b", 5],
		["c", 6],
	] as const) {
		const file = join(folder, `${name}.jsonl`);
		const written = await writeRollouts(file, generateGroups(tasks, 3, { ...DEFAULT_OPTIONS, seed }));
		expect(written.rollouts).toBe(12);
		texts.push(readFileSync(file, "utf8") + readFileSync(written.truth, "utf8"));
	}
	expect(texts[0]).toBe(texts[1]);
	expect(texts[0]).not.toBe(texts[2]);
});

test("the command writes a group a task, its truth in a folder of its own, and the product lists it", () => {
	const made = run(
		PRACTICE,
		"generate",
		"--tasks",
		"desk-03,desk-04",
		"-k",
		"4",
		"--seed",
		"9",
		"--out",
		"logs/run.jsonl",
	);
	expect(made.status).toBe(0);
	expect(readdirSync(join(folder, "logs")).sort()).toEqual(["run.jsonl", "truth"]);
	const records = readLines<RolloutRecord>(join(folder, "logs/run.jsonl"));
	const truths = readLines<TruthRecord>(join(folder, "logs/truth/run.truth.jsonl"));
	expect(records.map((record) => record.rollout_id)).toEqual(
		["desk-03", "desk-04"].flatMap((task) => [0, 1, 2, 3].map((trial) => `${task}/${trial}`)),
	);
	records.forEach((record, index) => {
		const truth = truths[index]!;
		expect(truth.rollout_id).toBe(record.rollout_id);
		expect(truth.success).toBe(record.reward === 1);
		expect(truth.values).toHaveLength(record.messages.length);
		expect(truth.steps).toHaveLength(record.info.steps);
		expect(record.info.action_logprobs).toHaveLength(record.info.steps);
		for (const place of Object.values(truth.targets)) {
			if (place !== null) expect(record.messages[place.message]!.role).toBe("assistant");
		}
	});
	const listed = run(join(ROOT, "src/cli.ts"), "list", "logs/run.jsonl", "--json");
	expect(listed.stderr).toBe("");
	const rows = listed.stdout
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as Record<string, unknown>);
	expect(rows.map((row) => [row.task, row.rollout, row.reward])).toEqual(
		records.map((record) => [record.task_id, record.rollout_id, record.reward]),
	);
});

test("the recorder, which knows the parts only by their protocols, writes the same log", () => {
	const wanted = ["--tasks", "desk-02,desk-08", "-k", "3", "--skill", "weak", "--jitter"];
	expect(run(PRACTICE, "generate", ...wanted, "--out", "made.jsonl").status).toBe(0);
	expect(run(PRACTICE, "record", ...wanted, "--out", "live.jsonl").status).toBe(0);
	expect(readFileSync(join(folder, "live.jsonl"), "utf8")).toBe(readFileSync(join(folder, "made.jsonl"), "utf8"));
});

test("a branch shares its parent's messages, differs afterwards, and names where it left", () => {
	const recorder = new TaskRecorder(TASKS[6]!, DEFAULT_OPTIONS);
	const parent = recorder.play(0)!.record;
	const branches = Array.from({ length: 6 }, (_, number) => recorder.branch(parent, 8, number));
	for (const { record, truth } of branches) {
		expect(record.messages.slice(0, 8)).toEqual(parent.messages.slice(0, 8));
		expect(record).toMatchObject({
			parent_rollout: parent.rollout_id,
			branch_message: 8,
			branch_step: 3,
			task_id: parent.task_id,
		});
		expect(truth.values).toHaveLength(record.messages.length);
	}
	expect(new Set(branches.map(({ record }) => JSON.stringify(record.messages))).size).toBeGreaterThan(1);
});

test("develop and held-out logs share no kind of slip or oddity and no seed", () => {
	const seeds: Set<number>[] = [];
	for (const slips of ["develop", "held-out"] as const) {
		const options = { ...DEFAULT_OPTIONS, skill: "weak", slips } as const;
		const made = [...generateGroups(TASKS.slice(0, 8), 10, options)];
		for (const { motive } of made.flatMap(({ truth }) => truth.steps)) {
			if (motive === "plan" || motive === "repair") continue;
			const spec = motive in SLIPS ? SLIPS[motive as SlipKind] : ODDITIES[motive as OddityKind];
			expect(spec.split).toBe(slips);
		}
		seeds.push(new Set(made.map(({ record }) => record.seed)));
	}
	expect([...seeds[0]!].some((seed) => seeds[1]!.has(seed))).toBe(false);
});

for (const skill of SKILLS) {
	test(`failures of the ${skill} agent have values in its bin just before they are lost, most of them without choosing`, () => {
		const { from, to } = BINS[skill];
		const options = { ...DEFAULT_OPTIONS, skill, seed: 21 };
		const tasks = TASKS.filter((_, index) => index % 3 === 1);
		const chosen = [...generateFailures(tasks, 60, options)];
		expect(chosen).toHaveLength(60);
		for (const { truth } of chosen) {
			expect(truth.valueBefore).toBeGreaterThanOrEqual(from);
			expect(truth.valueBefore).toBeLessThan(to);
		}
		const values = [...generateGroups(tasks, 12, options)]
			.flatMap(({ truth }) => truth.valueBefore ?? [])
			.sort((a, b) => a - b);
		const median = values[values.length >> 1]!;
		expect(median).toBeGreaterThan(from);
		expect(median).toBeLessThan(to);
	});
}

test("every recorded rollout replays to the same bytes; a changed tool changes exactly its own results", () => {
	const options = {
		...DEFAULT_OPTIONS,
		skill: "weak" as const,
		switches: { ...PLAIN_SWITCHES, jitter: true, rescue: 0.2 },
	};
	for (const { record } of generateGroups(TASKS.slice(0, 8), 5, options)) {
		expect(replay(record, null)).toEqual([]);
		const looks = record.messages.flatMap((message, index) => {
			const accepted = message.name === "get_order" && !message.content!.startsWith("Error");
			return accepted ? [index] : [];
		});
		expect(replay(record, "get_order")).toEqual(looks);
	}
});

/** Indices of the tool messages that come out otherwise when the recorded calls are made again. */
function replay(record: RolloutRecord, altered: string | null): number[] {
	const desk = new CallerDesk(new SnapshotStore(), { ...record.info.switches, altered });
	desk.reset(record.task_id, record.seed);
	const different: number[] = [];
	record.messages.forEach((message, index) => {
		if (message.role !== "tool") return;
		const { action } = callsOf(record.messages[index - 1]!)[0]!;
		if (observationText(desk.call(action.tool, action.args)) !== message.content) different.push(index);
	});
	return different;
}

test("the verify command judges a rollout from its messages alone", () => {
	const { record } = new TaskRecorder(findTask("desk-05")!, DEFAULT_OPTIONS).play(3)!;
	const { status, stdout } = spawnSync(process.execPath, [PRACTICE, "verify", "-"], {
		encoding: "utf8",
		input: JSON.stringify({ messages: record.messages }),
	});
	expect(status).toBe(0);
	expect(JSON.parse(stdout)).toEqual({ reward: record.reward, components: record.reward_components });
});

test("wrong use is told with exit code 2 and nothing is written", async () => {
	const told = vi.spyOn(console, "error").mockImplementation(() => {});
	const printed = vi.spyOn(console, "log").mockImplementation(() => {});
	const out = join(folder, "x.jsonl");
	for (const args of [
		["generate"],
		["generate", "--out", out, "--skill", "great"],
		["generate", "--out", out, "--tasks", "desk-31"],
		["generate", "--out", out, "-k", "many"],
		["generate", "--out", out, "--verifier-noise", "0.1"],
		["generate", "--out", out, "--what"],
		["verify", "nowhere.json"],
		["verify", PRACTICE],
		["branch", "--log", "nowhere.jsonl", "--rollout", "a", "--messages", "3", "--out", out],
		["dance"],
	]) {
		told.mockClear();
		await runCommand(args);
		expect(process.exitCode, args.join(" ")).toBe(2);
		expect(told).toHaveBeenCalledOnce();
		process.exitCode = 0;
	}
	expect(printed).not.toHaveBeenCalled();
	vi.restoreAllMocks();
	expect(readdirSync(folder)).not.toContain("x.jsonl");
	const { status, stderr, stdout } = run(PRACTICE, "dance");
	expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
	expect(stderr).toMatch(/^there is no command "dance"/);
});

test("value profiles without a world have their target where the value becomes 0, and keep their mean", () => {
	const means = { flat: 0, ramp: 0, varied: 0 };
	let none = 0;
	for (const shape of ["flat", "ramp", "varied"] as const) {
		for (let seed = 0; seed < 900; seed++) {
			const { values, target } = makeProfile({ steps: 8, p: 0.5, shape, seed });
			expect(values).toHaveLength(9);
			const first = values.indexOf(0);
			expect(first).toBe(target === null ? -1 : target + 1);
			means[shape] += values[0]! / 900;
			none += target === null ? 1 / 2700 : 0;
		}
	}
	expect(means.flat).toBeCloseTo(0.5, 12);
	expect(Math.abs(means.varied - 0.5)).toBeLessThan(0.03);
	expect(means.ramp).toBeLessThan(0.5);
	expect(Math.abs(none - 1 / 9)).toBeLessThan(0.02);
});
