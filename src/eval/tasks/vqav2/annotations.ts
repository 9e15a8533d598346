import type { JsonRecord } from "../../files/json-record.js";
import { fieldError, idField, isObject, listField, recordError, textField } from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import { annotators } from "../../scoring/leave-one-out.js";

/** What people answered to one question. */
export interface Annotation {
  /** Ten answers, as they stand in the file. */
  readonly answers: readonly string[];
  /** Names of the scores that it counts for: `answer-type/number`, `question-type/how many`. */
  readonly groups: readonly string[];
}

/**
 * Reads VQAv2's annotations.
 *
 * @param questions of the split: each must have an annotation, and the other way round
 * @throws PrumergeError INVALID_FILE with file and line
 */
export async function readAnnotations(
  file: string,
  questions: ReadonlyMap<string, unknown>,
): Promise<ReadonlyMap<string, Annotation>> {
  const annotations = new Map<string, Annotation>();
  const texts = new Map<string, string>();
  const types = new Map<string, readonly string[]>();
  for await (const batch of readJsonRecords(file, "lists")) {
    for (const record of batch) {
      if (record.key !== "annotations") continue;
      const id = idField(record, "question_id");
      if (annotations.has(id)) throw recordError(record, "a question that stands twice", { found: id });
      if (!questions.has(id)) {
        throw recordError(record, "an annotation without its question", { found: `question ${id}` });
      }
      const groups = [
        `answer-type/${groupName(textField(record, "answer_type"))}`,
        `question-type/${groupName(textField(record, "question_type"))}`,
      ];
      const key = groups.join("\n");
      if (!types.has(key)) types.set(key, groups);
      annotations.set(id, { answers: readAnswers(record, texts), groups: types.get(key)! });
    }
  }
  for (const id of questions.keys()) {
    if (annotations.has(id)) continue;
    throw recordError({ file, line: 1, entry: 1 }, "a question without its annotation", {
      expected: `${questions.size} annotations`,
      found: `${annotations.size}, none of question ${id}`,
    });
  }
  return annotations;
}

/** Equal texts are kept once: 2 million answers of the validation split are 100,000 different ones. */
function readAnswers(record: JsonRecord, texts: Map<string, string>): readonly string[] {
  const answers = listField(record, "answers");
  if (answers.length !== annotators) {
    throw recordError(record, "not ten answers", { found: String(answers.length) });
  }
  return answers.map((entry) => {
    const text = isObject(entry) ? entry.answer : undefined;
    if (typeof text !== "string") throw fieldError(record, "answers", "objects with an answer each", entry);
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  });
}

/** Slashes part the levels of a score's name. */
function groupName(type: string): string {
  return type.replaceAll("/", "-");
}
