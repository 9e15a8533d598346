import { idField, isObject, type JsonRecord, listField, recordError } from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import { strip } from "../../scoring/python-text.js";
import type { Problem } from "./problem.js";

/**
 * LLaVA's `llava_test_CQM-A.json`: what it asks, by problem id, in the order of the file, without `<image>` and without
 * the instruction that `model_vqa_science.py` adds.
 *
 * @throws PrumergeError INVALID_FILE with file and line: not such a file, or not the questions of `problems`
 */
export async function readQuestionFile(
  file: string,
  problems: ReadonlyMap<string, Problem>,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let last = { file, line: 1, entry: 1 };
  for await (const batch of readJsonRecords(file, "list")) {
    for (const record of batch) {
      const id = idField(record, "id");
      if (texts.has(id)) throw recordError(record, "a question that stands twice", { found: id });
      const problem = problems.get(id);
      if (problem === undefined)
        throw recordError(record, "a question that the split does not have", { found: id });
      texts.set(id, readQuestion(record, problem));
      last = record;
    }
  }
  const absent = [...problems.keys()].filter((id) => !texts.has(id));
  if (absent.length > 0) {
    throw recordError(last, "not all questions of the split", {
      expected: `${problems.size} questions`,
      found: `${texts.size}, none of ${absent.slice(0, 5).join(", ")}`,
    });
  }
  return texts;
}

function readQuestion(record: JsonRecord, problem: Problem): string {
  const [question, answer] = listField(record, "conversations").map((turn) =>
    isObject(turn) && typeof turn.value === "string" ? turn.value : undefined,
  );
  if (question === undefined || answer === undefined)
    throw recordError(record, "no question and answer", { expected: "conversations with two turns" });
  const hasPicture = "image" in record.value;
  if (hasPicture !== (problem.picture !== undefined) || hasPicture !== question.includes("<image>")) {
    throw recordError(record, "a picture on one side only", {
      expected: problem.picture === undefined ? "no picture, as in problems.json" : `${problem.picture}`,
      found: hasPicture ? "a picture" : "none",
    });
  }
  const right = String.fromCharCode(65 + problem.answer);
  if (answer !== right) {
    throw recordError(record, "another answer than that of problems.json", {
      expected: right,
      found: answer,
    });
  }
  return strip(question.replaceAll("<image>", ""));
}
