import { readJsonLines } from "../files/json-lines.js";
import { idField, isObject, type JsonRecord, recordError, textField } from "../files/json-record.js";
import { firstCharacter, readJsonRecords } from "../files/json-records.js";
import type { GivenAnswer, LoadedTask } from "../task.js";

/**
 * Answers out of files, in the order of the files: the task's own result formats first, else JSON lines or a JSON list of
 * LLaVA's `question_id, prompt, text`, VQA's `question_id, answer` or GQA's `questionId, prediction`. Questions that a run of
 * `prumerge eval` marks as failed have none.
 *
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line
 */
export async function readAnswers(
  task: Pick<LoadedTask, "readResults">,
  paths: readonly string[],
): Promise<readonly GivenAnswer[]> {
  const answers: GivenAnswer[] = [];
  for (const path of paths) {
    const own = await task.readResults?.(path);
    if (own !== undefined) {
      for (const answer of own) answers.push(answer);
      continue;
    }
    const isList = (await firstCharacter(path)) === "[";
    const batches = isList ? readJsonRecords(path, "list") : readJsonLines(path);
    for await (const batch of batches) {
      for (const record of batch) {
        const answer = readAnswer(record);
        if (!hasFailed(record)) answers.push(answer);
      }
    }
  }
  return answers;
}

/**
 * `prumerge eval` writes a question that failed with an empty text, so that LLaVA's scripts find a line for it. That text is
 * no answer: POPE's official rule would take it for a yes.
 */
function hasFailed({ value: { metadata } }: JsonRecord): boolean {
  return isObject(metadata) && typeof metadata.failure === "string";
}

function readAnswer(record: JsonRecord): GivenAnswer {
  const { value, file, line } = record;
  const isQuestion = "image" in value && ("category" in value || "label" in value) && !("answer_id" in value);
  if (isQuestion) throw recordError(record, "a line of a question file", { expected: "an answer" });
  const [id, text] =
    "questionId" in value
      ? ["questionId", "prediction"]
      : ["question_id", "text" in value ? "text" : "answer"];
  if (!(id in value) || !(text in value)) {
    throw recordError(record, "not an answer in a form that is known", {
      expected: "question_id and text, question_id and answer, or questionId and prediction",
      found: Object.keys(value).slice(0, 8).join(", ") || "no field",
    });
  }
  const prompt =
    value.prompt === undefined || value.prompt === null ? undefined : textField(record, "prompt");
  return { question: idField(record, id), prompt, text: textField(record, text), file, line };
}
