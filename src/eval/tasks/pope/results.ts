import { basename } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { asksFor } from "../../answers/prompt-match.js";
import { readJsonLines } from "../../files/json-lines.js";
import { type JsonRecord, recordError, textField } from "../../files/json-record.js";
import type { GivenAnswer } from "../../task.js";
import type { PopeQuestion } from "./load.js";
import { categories } from "./score.js";

/**
 * Reads answers as POPE's own program takes them: for each category a file of lines `{"question", "answer"}` in the order
 * of the label file, the category in the file's name. The order alone pairs them, so every question must be the same.
 *
 * @returns undefined for files of another form
 * @throws PrumergeError INVALID_FILE with the first line that does not pair, or for another number of lines
 */
export async function readPopeResults(
  path: string,
  questions: readonly PopeQuestion[],
): Promise<readonly GivenAnswer[] | undefined> {
  if (!(await isPopeResult(path))) return undefined;
  const found = categories.filter((name) => basename(path).toLowerCase().includes(name));
  if (found.length !== 1) {
    throw new PrumergeError("INVALID_FILE", "the file's name does not tell the category of its answers", {
      where: path,
      expected: `a name with one of ${categories.join(", ")}`,
    });
  }
  const [category] = found;
  const asked = questions.filter((one) => one.category === category);
  const answers: GivenAnswer[] = [];
  for await (const batch of readJsonLines(path)) {
    for (const record of batch) answers.push(pairUp(record, asked[answers.length]));
  }
  if (answers.length === asked.length) return answers;
  throw new PrumergeError(
    "INVALID_FILE",
    "not as many answers as questions, so that their order pairs nothing",
    {
      where: path,
      expected: `${asked.length} (${category})`,
      found: String(answers.length),
    },
  );
}

function pairUp(record: JsonRecord, asked: PopeQuestion | undefined): GivenAnswer {
  const question = textField(record, "question");
  const { value, file, line } = record;
  if (asked === undefined) throw recordError(record, "more answers than questions", { found: question });
  const { id, text, picture } = asked.question;
  const isSamePicture = value.image === undefined || value.image === picture?.name;
  if (!asksFor(question, text) || !isSamePicture) {
    throw recordError(record, "the answer does not pair with the question at its place", {
      expected: `${JSON.stringify(text.split("\n", 1)[0])} about ${picture?.name}`,
      found: JSON.stringify(question) + (isSamePicture ? "" : ` about ${value.image}`),
    });
  }
  return { question: id, prompt: question, text: textField(record, "answer"), file, line };
}

async function isPopeResult(path: string): Promise<boolean> {
  try {
    for await (const batch of readJsonLines(path)) {
      const first = batch[0]?.value;
      if (first === undefined) continue;
      return "question" in first && "answer" in first && !("question_id" in first);
    }
  } catch {
    // Not JSON lines: the reader of the other forms says what is wrong.
  }
  return false;
}
