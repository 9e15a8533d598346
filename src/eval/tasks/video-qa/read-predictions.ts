import { readJsonLines } from "../../files/json-lines.js";
import { idField, recordError, textField } from "../../files/json-record.js";
import { firstCharacter } from "../../files/json-records.js";
import type { GivenAnswer } from "../../task.js";
import type { VideoQuestion } from "./load.js";

/**
 * Reads predictions as Video-ChatGPT's and Video-LLaVA's programs write them: `{"id", "question", "answer", "pred"}` a line. Their
 * `answer` is not read: it is wrong where the questions were divided among processes, since it was taken by place. Undefined for
 * a file of another format.
 *
 * @throws PrumergeError INVALID_FILE with file and line, also where the question is not the one of that id
 */
export async function readPredictions(
  path: string,
  entries: readonly VideoQuestion[],
): Promise<readonly GivenAnswer[] | undefined> {
  if ((await firstCharacter(path)) !== "{") return undefined;
  const asked = new Map(entries.map((entry) => [entry.question.id, entry.asked]));
  const answers: GivenAnswer[] = [];
  for await (const batch of readJsonLines(path)) {
    for (const record of batch) {
      const isTheirs = "id" in record.value && "pred" in record.value;
      if (!isTheirs && answers.length === 0) return undefined;
      const question = idField(record, "id");
      const text = textField(record, "question");
      const ours = asked.get(question);
      if (ours !== undefined && ours !== text)
        throw recordError(record, "not the question of that id", { expected: ours, found: text });
      const { file, line } = record;
      answers.push({ question, prompt: undefined, text: textField(record, "pred"), file, line });
    }
  }
  return answers;
}
