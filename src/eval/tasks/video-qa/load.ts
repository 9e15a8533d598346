import { dirname, join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { readDetails } from "../../files/details.js";
import { pictureFolder, pictureName, requireFile } from "../../files/find-file.js";
import { videoFinder } from "../../files/find-video.js";
import { fieldError, idField, type JsonRecord, recordError, textField } from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import type { TaskQuestion } from "../../task.js";
import { activityNetTypes } from "./activitynet-types.js";
import type { VideoPrompt } from "./prompts.js";
import type { VideoQaSet } from "./set.js";

/** One question with what scoring needs of it. */
export interface VideoQuestion {
  readonly question: TaskQuestion;
  /** As the file has it. */
  readonly asked: string;
  readonly answer: string;
  /** 0 to 8, where the set's types mean something. */
  readonly type: number | undefined;
}

interface Answer {
  readonly text: string;
  readonly type: number | undefined;
}

/**
 * Reads `<split>_q.json` and `<split>_a.json`, joined by `question_id`, in the order of the questions. (The programs of Video-ChatGPT
 * and Video-LLaVA join them by place, which goes wrong where the questions are divided among machines.) Videos lie in the
 * set's folders beside the questions.
 *
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line; also where a question has no answer, or an
 * answer no question
 */
export async function loadVideoQa(
  folder: string,
  set: VideoQaSet,
  split: string,
  prompt: VideoPrompt,
): Promise<readonly VideoQuestion[]> {
  const places = [".", set.folder, join("GPT_Zero_Shot_QA", set.folder), "dataset"];
  const file = await requireFile(
    folder,
    places.map((place) => join(place, `${split}_q.json`)),
  );
  const answers = await readAnswers(await requireFile(dirname(file), [`${split}_a.json`]), set);
  const videos = await videoFinder(await pictureFolder(dirname(file), set.videos));
  const small = await readDetails(folder);
  const questions = new Map<string, VideoQuestion>();
  for await (const batch of readJsonRecords(file, "list")) {
    for (const record of batch) {
      const id = idField(record, "question_id");
      const asked = textField(record, "question");
      const answer = answers.get(id);
      if (answer === undefined)
        throw recordError(record, "a question that the answer file does not answer", { found: id });
      if (questions.has(id)) throw recordError(record, "a question that stands twice", { found: id });
      const picture = videos(pictureName(record, set.prefix + textField(record, "video_name")));
      const { text, maxNewTokens } = prompt(asked);
      const question = { id, picture, text, maxNewTokens, detail: small(id) };
      questions.set(id, { question, asked, answer: answer.text, type: answer.type });
    }
  }
  checkSame(questions, answers, file);
  return [...questions.values()];
}

async function readAnswers(file: string, set: VideoQaSet): Promise<ReadonlyMap<string, Answer>> {
  const answers = new Map<string, Answer>();
  for await (const batch of readJsonRecords(file, "list")) {
    for (const record of batch) {
      const id = idField(record, "question_id");
      if (answers.has(id)) throw recordError(record, "an answer that stands twice", { found: id });
      answers.set(id, { text: answerField(record), type: set.typed ? typeField(record) : undefined });
    }
  }
  return answers;
}

/** Some files have bare numbers for answers. */
function answerField(record: JsonRecord): string {
  const { answer } = record.value;
  return typeof answer === "number" ? String(answer) : textField(record, "answer");
}

function typeField(record: JsonRecord): number {
  const { type } = record.value;
  if (Number.isInteger(type) && activityNetTypes[type as number] !== undefined) return type as number;
  throw fieldError(record, "type", "0 to 8", type);
}

function checkSame(
  questions: ReadonlyMap<string, unknown>,
  answers: ReadonlyMap<string, unknown>,
  where: string,
): void {
  const left = [...answers.keys()].find((id) => !questions.has(id));
  if (questions.size > 0 && left === undefined) return;
  throw new PrumergeError("INVALID_FILE", "the questions are not those of the answer file", {
    where,
    expected: `${answers.size} questions`,
    found: `${questions.size}${left === undefined ? "" : `, without ${left}`}`,
    help: "Question and answer files of two splits or revisions?",
  });
}
