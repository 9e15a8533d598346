import { join } from "node:path";
import { readDetails } from "../../files/details.js";
import { findFile, pictureFolder, pictureName, requireFile } from "../../files/find-file.js";
import { readJsonLines } from "../../files/json-lines.js";
import {
  idField,
  isObject,
  type JsonRecord,
  listField,
  objectField,
  recordError,
  textField,
} from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import { splitWords } from "../../scoring/python-text.js";
import type { TaskPicture, TaskQuestion } from "../../task.js";
import { shortAnswerInstruction, shortAnswerTokens } from "../short-answer.js";

/** One question with what scoring needs of it. */
export interface GqaQuestion {
  readonly question: TaskQuestion;
  readonly answer: string;
  /** `binary` or `open`, `structural/...`, `semantic/...`, `steps/N`, `words/N`. */
  readonly groups: readonly string[];
}

/**
 * Reads a tier of GQA: `<tier>_questions.json` in `data/questions1.2/` or a folder above, pictures in `data/images/` or
 * `images/`, and LLaVA's `llava_gqa_<tier>.jsonl` where it is there, which must ask the same.
 */
export async function loadGqa(folder: string, tier: string): Promise<readonly GqaQuestion[]> {
  const places = ["data/questions1.2", "data", "questions1.2", "."];
  const file = await requireFile(
    folder,
    places.map((place) => join(place, `${tier}_questions.json`)),
  );
  const pictures = await pictureFolder(folder, ["data/images", "images"]);
  const small = await readDetails(folder);
  const questions = new Map<string, GqaQuestion>();
  const shared = new Map<string, TaskPicture>();
  for await (const batch of readJsonRecords(file, "entries")) {
    for (const record of batch) {
      if (record.value.isBalanced !== true) continue;
      const id = record.key!;
      const name = pictureName(record, `${idField(record, "imageId")}.jpg`);
      const picture = shared.get(name) ?? { name, path: join(pictures, name) };
      shared.set(name, picture);
      const text = textField(record, "question") + shortAnswerInstruction;
      const question = { id, picture, text, maxNewTokens: shortAnswerTokens, detail: small(id) };
      questions.set(id, { question, answer: textField(record, "answer"), groups: groupsOf(record) });
    }
  }
  const llava = await findFile(folder, [`llava_gqa_${tier}.jsonl`]);
  if (llava !== undefined) await compare(llava, questions);
  return [...questions.values()];
}

/** The official scorer's groups: a question is open if its structural type is `query`. */
function groupsOf(record: JsonRecord): readonly string[] {
  const types = objectField(record, "types");
  const { structural, semantic } = types;
  if (typeof structural !== "string" || typeof semantic !== "string") {
    throw recordError(record, 'the field "types" is wrong', { expected: "a structural and a semantic type" });
  }
  const steps = listField(record, "semantic").filter(isStep).length;
  const words = splitWords(textField(record, "question")).length;
  return [
    structural === "query" ? "open" : "binary",
    `structural/${structural}`,
    `semantic/${semantic}`,
    `steps/${steps}`,
    `words/${words}`,
  ];
}

/** Steps of reasoning but the last one, which asks. */
function isStep(step: unknown): boolean {
  if (!isObject(step)) return true;
  const text = `${step.operation}: ${step.argument}`;
  return !["exist", "query: name", "choose name"].some((asks) => text.includes(asks));
}

async function compare(file: string, questions: ReadonlyMap<string, GqaQuestion>): Promise<void> {
  const seen = new Set<string>();
  for await (const batch of readJsonLines(file)) {
    for (const record of batch) {
      const id = idField(record, "question_id");
      const ours = questions.get(id)?.question;
      const theirs = `${JSON.stringify(textField(record, "text"))} about ${textField(record, "image")}`;
      const expected =
        ours === undefined
          ? "a question id that is in it"
          : `${JSON.stringify(ours.text)} about ${ours.picture?.name}`;
      if (theirs !== expected) {
        const found = ours === undefined ? id : theirs;
        throw recordError(record, "not the question of the official file", { expected, found });
      }
      if (seen.has(id)) throw recordError(record, "a question that stands twice", { found: id });
      seen.add(id);
    }
  }
  const missing = [...questions.keys()].find((id) => !seen.has(id));
  if (missing === undefined) return;
  throw recordError({ file, line: seen.size, entry: 1 }, "a question of the official file is missing", {
    expected: `${questions.size} questions`,
    found: `${seen.size}, without ${missing}`,
  });
}
