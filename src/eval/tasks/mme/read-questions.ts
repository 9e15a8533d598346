import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { findFile } from "../../files/find-file.js";
import { type MmeQuestion, pictureStem, questionKey } from "./question.js";
import { type Subtask, subtasks } from "./subtasks.js";
import { lineError, readTable, type TableLine, yesOrNo } from "./table.js";

/** Where MME lies on the disk. */
export interface MmeFolders {
  /** `MME_Benchmark_release_version`: a folder for each subtask. */
  readonly release: string;
  /** `eval_tool/Your_Results`: a table for each subtask. */
  readonly tables: string;
}

/**
 * All questions with their answers, subtask by subtask, picture by picture: from the release folder's text files, where a
 * subtask has them, else from the table of the evaluation tool.
 *
 * @param pictures by `subtask/stem`, used where the picture itself is not there
 * @throws PrumergeError NOT_FOUND, INVALID_FILE with file and line: no pair of questions, the same question twice, an
 * answer that is neither Yes nor No
 */
export async function readQuestions(
  { release, tables }: MmeFolders,
  pictures: ReadonlyMap<string, string>,
): Promise<readonly MmeQuestion[]> {
  const questions: MmeQuestion[] = [];
  for (const subtask of subtasks) {
    const files = await textFiles(join(release, subtask.name), subtask.name);
    const table = await findFile(tables, [`${subtask.name}.txt`]);
    // Pictures alone, as beside the tables of the evaluation tool, are no questions.
    if (files !== undefined && files.texts.length > 0)
      questions.push(...(await readFolder(files, subtask, pictures)));
    else if (table !== undefined) questions.push(...(await readPairs(table, subtask)));
  }
  if (questions.length === 0) {
    throw new PrumergeError("NOT_FOUND", "no subtask of MME is there", {
      where: release,
      expected: `folders such as existence/, or tables such as ${join(tables, "existence.txt")}`,
    });
  }
  checkDistinct(questions);
  return questions;
}

interface SubtaskFiles {
  /** Paths of the text files, in order. */
  readonly texts: readonly string[];
  /** Pictures below the release folder by stem. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** Five subtasks keep pictures and texts apart, in `images/` and `questions_answers_YN/`. */
async function textFiles(folder: string, subtask: string): Promise<SubtaskFiles | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const isParted = names.includes("questions_answers_YN");
  const texts = isParted ? join(folder, "questions_answers_YN") : folder;
  const images = isParted ? join(folder, "images") : folder;
  const pictures = (await readdir(images).catch(() => [])).filter((name) => /\.(png|jpe?g)$/i.test(name));
  const prefix = isParted ? `${subtask}/images` : subtask;
  return {
    texts: (await readdir(texts))
      .filter((name) => extname(name) === ".txt")
      .sort()
      .map((name) => join(texts, name)),
    pictures: new Map(pictures.map((name) => [pictureStem(name), `${prefix}/${name}`])),
  };
}

async function readFolder(
  { texts, pictures }: SubtaskFiles,
  subtask: Subtask,
  known: ReadonlyMap<string, string>,
): Promise<MmeQuestion[]> {
  const questions: MmeQuestion[] = [];
  for (const file of texts) {
    const stem = pictureStem(basename(file));
    const picture = pictures.get(stem) ?? known.get(`${subtask.name}/${stem}`);
    if (picture === undefined) {
      throw new PrumergeError("NOT_FOUND", "no picture belongs to these questions", {
        where: file,
        expected: `${stem}.png or ${stem}.jpg beside them`,
        help: "Scores alone need no pictures where llava_mme.jsonl says what they are called.",
      });
    }
    const lines = await readTable(file, ["question", "Yes or No"]);
    const pair = lines.map((line) => ({ line, picture, question: line.columns[0], answer: line.columns[1] }));
    questions.push(...toPair(pair, subtask, file));
  }
  return questions;
}

/** `eval_tool/Your_Results/<subtask>.txt`: the two lines about a picture stand together. */
async function readPairs(file: string, subtask: Subtask): Promise<MmeQuestion[]> {
  const isParted = ["artwork", "celebrity", "landmark", "posters", "scene"].includes(subtask.name);
  const prefix = isParted ? `${subtask.name}/images` : subtask.name;
  const lines = (await readTable(file, ["picture", "question", "Yes or No"])).map((line) => {
    const [name, question, answer] = line.columns;
    return { line, picture: `${prefix}/${name}`, question, answer };
  });
  const questions: MmeQuestion[] = [];
  for (let at = 0; at < lines.length; at += 2)
    questions.push(...toPair(lines.slice(at, at + 2), subtask, file));
  return questions;
}

interface ReadLine {
  readonly line: TableLine;
  readonly picture: string;
  readonly question: string;
  readonly answer: string;
}

function toPair(pair: readonly ReadLine[], subtask: Subtask, file: string): MmeQuestion[] {
  if (pair.length !== 2 || pair[0].picture !== pair[1].picture) {
    const line = pair.at(-1)?.line ?? { columns: [], file, line: 1 };
    throw lineError(line, "not two questions about one picture", {
      expected: "2 lines",
      found: pair.length === 2 ? `${pair[0].picture} and ${pair[1].picture}` : String(pair.length),
    });
  }
  return pair.map(({ line, picture, question, answer }, index) => ({
    id: `${picture}#${index + 1}`,
    subtask,
    picture,
    question,
    answer: yesOrNo(line, answer),
    file: line.file,
    line: line.line,
  }));
}

function checkDistinct(questions: readonly MmeQuestion[]): void {
  const seen = new Set<string>();
  for (const { subtask, picture, question, file, line } of questions) {
    const key = questionKey(subtask.name, picture, question);
    if (seen.has(key))
      throw lineError({ columns: [], file, line }, "a question that stands twice", { found: question });
    seen.add(key);
  }
}
