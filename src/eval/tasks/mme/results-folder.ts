import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import type { GivenAnswer } from "../../task.js";
import { type MmeQuestion, questionKey } from "./question.js";
import { subtasks } from "./subtasks.js";
import { lineError, readTable, yesOrNo } from "./table.js";

const columns = ["picture", "question", "Yes or No", "answer"];
const fileNames = new Set(subtasks.map(({ name }) => `${name}.txt`));

/**
 * Reads what MME's evaluation tool reads: `<subtask>.txt` with picture, question, right answer and given answer between
 * tabs; a folder of them or one of them. LLaVA's results have `0001.txt` for the picture.
 *
 * @returns undefined for a path that is neither
 * @throws PrumergeError INVALID_FILE with file and line: another number of columns, a right answer that is not the benchmark's
 */
export async function readResultsFolder(
  path: string,
  questions: ReadonlyMap<string, MmeQuestion>,
): Promise<readonly GivenAnswer[] | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() && fileNames.has(basename(path))) return readResults(path, questions);
  if (!info?.isDirectory()) return undefined;
  const names = (await readdir(path)).filter((name) => fileNames.has(name)).sort();
  if (names.length === 0) {
    throw new PrumergeError("INVALID_FILE", "no results of MME in this folder", {
      where: path,
      expected: "files such as existence.txt",
    });
  }
  const answers = await Promise.all(names.map((name) => readResults(join(path, name), questions)));
  return answers.flat();
}

async function readResults(
  file: string,
  questions: ReadonlyMap<string, MmeQuestion>,
): Promise<readonly GivenAnswer[]> {
  const subtask = basename(file, ".txt");
  const lines = await readTable(file, columns);
  return lines.map((line) => {
    const [picture, question, right, text] = line.columns;
    const found = questions.get(questionKey(subtask, picture, question));
    if (found !== undefined && found.answer !== yesOrNo(line, right)) {
      throw lineError(line, "not the right answer of the benchmark", {
        expected: `${found.answer}, as in ${found.file}:${found.line}`,
        found: right,
      });
    }
    const name = found?.id ?? `${subtask}/${picture} "${question}"`;
    return { question: name, prompt: question, text, file, line: line.line };
  });
}
