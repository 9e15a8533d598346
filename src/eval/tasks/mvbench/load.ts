import { stat } from "node:fs/promises";
import { join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { type Choices, lettered } from "../../choices/choices.js";
import { readDetails } from "../../files/details.js";
import { findFile, pictureName } from "../../files/find-file.js";
import { fieldError, type JsonRecord, listField, recordError, textField } from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import type { TaskPicture, TaskQuestion } from "../../task.js";
import { type MvbenchTask, mvbenchSources, mvbenchTasks } from "./sources.js";

/** One question with what scoring needs of it. */
export interface MvbenchQuestion {
  readonly question: TaskQuestion;
  /** The right one's letter. */
  readonly letter: string;
  readonly task: MvbenchTask;
}

/** lmms-eval's, for every task. */
const instruction = "Only give the best option.\n";
const longestAnswer = 16;

const jsonPlaces = [".", "json", "mvbench", "mvbench/json", "MVBench", "MVBench/json"];
/** Where a task's videos may begin, below the folder of its file: the dataset unpacks some of them into `data0613`. */
const videoPlaces = [".", "video", "data0613", "video/data0613"];

/**
 * Reads MVBench's lists, one a task: `{video, question, candidates, answer}`, asked as lmms-eval asks. Ids are the task's name and
 * the row's place in its list, from 0.
 *
 * @param some whether tasks may be missing
 * @throws PrumergeError NOT_FOUND where there is no list, or not each of the twenty; LIMIT_EXCEEDED; INVALID_FILE with file and
 * line, also for a row about a part of a video that is not cut out
 */
export async function loadMvbench(folder: string, some: boolean): Promise<readonly MvbenchQuestion[]> {
  const small = await readDetails(folder);
  const questions: MvbenchQuestion[] = [];
  const missing: string[] = [];
  for (const task of mvbenchTasks) {
    const places = jsonPlaces.map((place) => join(place, `${task}.json`));
    const file = await findFile(folder, places);
    if (file === undefined) missing.push(task);
    else questions.push(...(await readTask(file, task, folder, small)));
  }
  if (missing.length === 0 || (some && missing.length < mvbenchTasks.length)) return questions;
  throw new PrumergeError("NOT_FOUND", "lists of the benchmark are missing", {
    where: folder,
    expected: `${mvbenchTasks.length} of the form TASK.json, there or in json/`,
    found: missing.length === mvbenchTasks.length ? "none" : `no ${missing.join(", ")}`,
    ...(missing.length < mvbenchTasks.length && { help: "--rule tasks=present takes those that are there" }),
  });
}

async function readTask(
  file: string,
  task: MvbenchTask,
  folder: string,
  small: (id: string) => boolean | undefined,
): Promise<readonly MvbenchQuestion[]> {
  const questions: MvbenchQuestion[] = [];
  const find = videoOf(folder, task);
  for await (const batch of readJsonRecords(file, "list")) {
    for (const record of batch) {
      const id = `${task}_${questions.length}`;
      const choices = lettered(candidatesOf(record));
      const lines = [...choices].map(([letter, text]) => `(${letter}) ${text}\n`);
      const asked = textField(record, "question");
      const question = {
        id,
        picture: await find(record),
        text: `Question:${asked}\nOption:\n${lines.join("")}${instruction}`,
        maxNewTokens: longestAnswer,
        detail: small(id),
      };
      questions.push({ question, letter: letterOf(record, choices), task });
    }
  }
  if (questions.length > 0) return questions;
  throw new PrumergeError("INVALID_FILE", "the file has no question", { where: file });
}

function candidatesOf(record: JsonRecord): readonly string[] {
  const texts = listField(record, "candidates");
  const wrong = texts.find((text) => typeof text !== "string");
  if (texts.length < 2 || texts.length > 26 || wrong !== undefined)
    throw fieldError(record, "candidates", "2 to 26 texts", wrong ?? texts);
  return texts as readonly string[];
}

/** The first candidate that is the answer, to the letter. */
function letterOf(record: JsonRecord, choices: Choices): string {
  const answer = textField(record, "answer");
  const right = [...choices].find(([, text]) => text === answer);
  if (right !== undefined) return right[0];
  throw recordError(record, "the answer is none of the candidates", {
    expected: [...choices.values()].join(", ").slice(0, 200),
    found: answer.slice(0, 60),
  });
}

/** Finds a task's videos; one that is not there is named where it should be: whoever shows it to a model says that it is missing. */
function videoOf(folder: string, task: MvbenchTask): (record: JsonRecord) => Promise<TaskPicture> {
  const shared = new Map<string, TaskPicture>();
  const source = mvbenchSources[task];
  return async (record) => {
    const name = pictureName(record, textField(record, "video"));
    refuseUncut(record, name, source);
    const known = shared.get(name);
    if (known !== undefined) return known;
    const paths = videoPlaces.map((place) => join(folder, place, source, name));
    const there = await Promise.all(paths.map((path) => stat(path).then((found) => found.isFile(), never)));
    const path = paths.find((_, at) => there[at]) ?? paths[0]!;
    const video = { name: `${source}/${name}`, path, isVideo: true } as const;
    shared.set(name, video);
    return video;
  };
}

const never = () => false;

/** Lists of the dataset's main branch name whole videos, with the seconds that a question is about. */
function refuseUncut(record: JsonRecord, name: string, source: string): void {
  const { start, end } = record.value;
  if (typeof start !== "number" || typeof end !== "number" || name.includes(`_${start}_${end}`)) return;
  throw recordError(record, "a question about a part of a video that is not cut out", {
    expected: `a video of its own in ${source}, as the dataset's branch "video" has them`,
    found: `${name}, from ${start} s to ${end} s`,
  });
}
