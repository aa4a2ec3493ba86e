// Lists of questions or tasks that no agent has worked on yet: benchmarks' inputs.
import { asString, isObject, type JsonObject, member } from "../model/json.ts";
import { sampleRecords } from "./layout.ts";
import { nothingToRead } from "./nothingToRead.ts";

const QUESTIONS = ["question", "prompt", "query", "instruction", "problem"];
/** Members that hold what an agent did or said. */
const WORK =
	/message|conversation|trajectory|steps|history|response|completion|output|prediction|result|turns|events|trace|code|solution|score|reward|label|correct/i;

export const questionList = nothingToRead("question-list", "Questions that were not worked on", (sample) => {
	const records = sampleRecords(sample);
	return records.length > 1 && records.every((record) => isObject(record) && isQuestion(record)) ? 0.2 : 0;
});

function isQuestion(record: JsonObject): boolean {
	const asks = QUESTIONS.some((key) => asString(member(record, key)) !== null);
	return asks && !Object.keys(record).some((key) => WORK.test(key));
}
