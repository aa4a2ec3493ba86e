// What people use today for large logs, run in processes of their own: one task each, its time as one line of JSON.
import { createReadStream } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { streamArray } from "stream-json/streamers/stream-array.js";

const TASKS: Record<string, (file: string) => Promise<number>> = {
	"duckdb-columns": (file) => query(file, "task_id: 'BIGINT', reward: 'DOUBLE'", "task_id, reward"),
	"duckdb-steps": (file) =>
		query(file, "task_id: 'BIGINT', reward: 'DOUBLE', messages: 'JSON[]'", "task_id, reward, len(messages) AS steps"),
	"stream-json": streamed,
};

const [task = "", file = ""] = process.argv.slice(2);
// loading the library and opening a database are not reading
const reader = TASKS[task];
if (reader === undefined) throw new Error(`no reader is called ${task}`);
const database = await DuckDBInstance.create(":memory:");
const started = performance.now();
const rollouts = await reader(file);
const total = performance.now() - started;
process.stdout.write(`${JSON.stringify({ total, rollouts })}\n`, () => process.exit());

async function query(log: string, columns: string, selected: string): Promise<number> {
	const connection = await database.connect();
	const from = `read_json('${log.replaceAll("'", "''")}', format = 'newline_delimited', columns = {${columns}}, maximum_object_size = 268435456)`;
	const answer = await connection.runAndReadAll(`SELECT ${selected} FROM ${from}`);
	return answer.currentRowCount;
}

async function streamed(log: string): Promise<number> {
	let count = 0;
	for await (const _ of createReadStream(log).pipe(streamArray.withParserAsStream())) count++;
	return count;
}
