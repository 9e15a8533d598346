import { join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { type Choices, lettered } from "../../choices/choices.js";
import { readDetails } from "../../files/details.js";
import { findFile, pictureFolder, requireFile } from "../../files/find-file.js";
import { videoFinder } from "../../files/find-video.js";
import { isObject } from "../../files/json-record.js";
import { readJson } from "../../files/read-whole.js";
import { readCsvRows, type TableRow } from "../../files/table-rows.js";
import { strip } from "../../scoring/python-text.js";
import type { TaskQuestion } from "../../task.js";
import { letterAnswerTokens, letterInstruction } from "../letter-answer.js";

/** One question with what scoring needs of it. */
export interface NextQaQuestion {
  readonly question: TaskQuestion;
  readonly choices: Choices;
  /** The right one's letter. */
  readonly letter: string;
  readonly type: NextQaType;
}

/** Kinds of questions, by the two letters that the file has: causal, temporal, descriptive. */
export const nextQaTypes = {
  CW: "causal/why",
  CH: "causal/how",
  TN: "temporal/next",
  TC: "temporal/current",
  TP: "temporal/previous",
  DC: "descriptive/count",
  DL: "descriptive/location",
  DO: "descriptive/other",
} as const;
export type NextQaType = keyof typeof nextQaTypes;

const answers = ["a0", "a1", "a2", "a3", "a4"] as const;
const columns = ["video", "question", "answer", "qid", "type", ...answers];

/**
 * Reads NExT-QA's multiple-choice part: `<split>.csv`, and `map_vid_vidorID.json` where it is there, which says below which folder
 * a video lies. Videos: `NExTVideo/` or `videos/`.
 *
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line
 */
export async function loadNextQa(folder: string, split: string): Promise<readonly NextQaQuestion[]> {
  const places = [".", "nextqa", "dataset/nextqa", "MC"];
  const file = await requireFile(
    folder,
    places.map((place) => join(place, `${split}.csv`)),
  );
  const videos = await pictureFolder(folder, ["NExTVideo", "videos"]);
  const find = await findIn(folder, places, videos);
  const small = await readDetails(folder);
  const questions = new Map<string, NextQaQuestion>();
  for await (const row of readCsvRows(file)) {
    const { cells } = checkColumns(row);
    const id = `${cells.video}_${cells.qid}`;
    if (questions.has(id)) throw rowError(row, "a question that stands twice", { found: id });
    const choices = lettered(answers.map((name) => strip(cells[name]!)));
    const lines = [...choices].map(([letter, text]) => `${letter}. ${text}`);
    const question = {
      id,
      picture: await find(row, cells.video!),
      text: [strip(cells.question!), ...lines].join("\n") + letterInstruction,
      maxNewTokens: letterAnswerTokens,
      detail: small(id),
    };
    questions.set(id, { question, choices, letter: letterOf(row, choices), type: typeOf(row) });
  }
  if (questions.size > 0) return [...questions.values()];
  throw new PrumergeError("INVALID_FILE", "the file has no question", { where: file });
}

/**
 * Video ids are numbers. In the original release a video lies below another number, which the map tells; lmms-eval's packaging has
 * all in one folder, by their ids.
 */
async function findIn(folder: string, places: readonly string[], videos: string) {
  const map = await findFile(
    folder,
    places.map((place) => join(place, "map_vid_vidorID.json")),
  );
  const names = map === undefined ? {} : await readJson(map);
  const finders = new Map<string, ReturnType<typeof videoFinder>>();
  return async (row: TableRow, video: string) => {
    if (!/^[0-9]{1,20}$/.test(video)) throw rowError(row, "not a video's id", { found: video });
    const mapped = isObject(names) ? names[video] : undefined;
    const place = typeof mapped === "string" ? /^([0-9]+)\/([0-9]+)$/.exec(mapped) : null;
    const [inside, name] = place === null ? [".", video] : [place[1]!, place[2]!];
    const finder = finders.get(inside) ?? videoFinder(join(videos, inside));
    finders.set(inside, finder);
    return (await finder)(name);
  };
}

function checkColumns(row: TableRow): TableRow {
  const missing = columns.find((name) => row.cells[name] === undefined);
  if (missing === undefined) return row;
  throw rowError(row, "a column is missing", {
    expected: columns.join(", "),
    found: `no ${missing} in ${Object.keys(row.cells).join(", ")}`,
  });
}

function letterOf(row: TableRow, choices: Choices): string {
  const letter = [...choices.keys()][/^[0-4]$/.test(row.cells.answer!) ? Number(row.cells.answer) : -1];
  if (letter !== undefined) return letter;
  throw rowError(row, 'the column "answer" is wrong', { expected: "0 to 4", found: row.cells.answer! });
}

function typeOf(row: TableRow): NextQaType {
  const type = row.cells.type!;
  if (Object.hasOwn(nextQaTypes, type)) return type as NextQaType;
  throw rowError(row, 'the column "type" is wrong', {
    expected: Object.keys(nextQaTypes).join(", "),
    found: type,
  });
}

function rowError({ file, line }: TableRow, summary: string, details: { expected?: string; found: string }) {
  return new PrumergeError("INVALID_FILE", summary, { where: `${file}:${line}`, ...details });
}
