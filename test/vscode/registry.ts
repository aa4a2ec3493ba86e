// The tests of one suite inside VS Code's extension host: registered when their files load, run one after another.

export interface TestResult {
	readonly name: string;
	readonly status: "passed" | "failed" | "skipped";
	readonly milliseconds: number;
	/** Why it failed, with the stack, or why it was skipped. */
	readonly reason?: string;
}

interface RegisteredTest {
	readonly name: string;
	readonly body: () => void | Promise<void>;
}

/** Thrown by `skip`. */
class Skipped extends Error {}

const registered: RegisteredTest[] = [];
const longestTestMilliseconds = 60_000;

export function test(name: string, body: () => void | Promise<void>): void {
	registered.push({ name, body });
}

/** Ends the running test as skipped; the reason is printed. */
export function skip(reason: string): never {
	throw new Skipped(reason);
}

/** Runs every registered test and hands out each result as it comes. */
export async function runTests(report: (result: TestResult) => void): Promise<void> {
	for (const { name, body } of registered) {
		const started = performance.now();
		const outcome = await runBody(body);
		report({ name, ...outcome, milliseconds: Math.round(performance.now() - started) });
	}
}

async function runBody(body: RegisteredTest["body"]): Promise<Pick<TestResult, "status" | "reason">> {
	const { promise: tooLong, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(new Error("took longer than a minute")), longestTestMilliseconds);
	try {
		await Promise.race([body(), tooLong]);
		return { status: "passed" };
	} catch (error) {
		if (error instanceof Skipped) return { status: "skipped", reason: error.message };
		return { status: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	} finally {
		clearTimeout(timer);
	}
}
