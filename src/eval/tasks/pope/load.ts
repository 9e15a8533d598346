import { join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { readDetails } from "../../files/details.js";
import { findFile, pictureFolder, pictureName, requireFile } from "../../files/find-file.js";
import { readJsonLines } from "../../files/json-lines.js";
import { fieldError, idField, type JsonRecord, recordError, textField } from "../../files/json-record.js";
import type { TaskQuestion } from "../../task.js";
import { shortAnswerInstruction, shortAnswerTokens } from "../short-answer.js";
import { type Category, categories } from "./score.js";

/** One question with its label, in the order of its file. */
export interface PopeQuestion {
  readonly question: TaskQuestion;
  readonly category: Category;
  readonly label: "yes" | "no";
}

/** LLaVA's ids: the place in the category's file, from 1, after these. */
const firstIds = { adversarial: 0, random: 10_000_000, popular: 20_000_000 } as const;

const revisions =
  "There are two revisions: LLaVA's questions belong to commit e3e3926 of POPE (2910 random questions), not to later " +
  "ones (3000). Take output/coco of that commit.";

/**
 * Reads POPE: `coco/coco_pope_<category>.json` and LLaVA's `llava_pope_test.jsonl`, which must ask the same questions about
 * the same pictures in the same order; without it the questions are those of the label files, with LLaVA's ids. Pictures:
 * `val2014/`, here or in the folder of VQAv2.
 *
 * @throws PrumergeError INVALID_FILE with file and line, and how to get the right revision
 */
export async function loadPope(folder: string): Promise<readonly PopeQuestion[]> {
  const pictures = await pictureFolder(folder, ["val2014", "../vqav2/val2014", "../coco/val2014"]);
  const small = await readDetails(folder);
  const llava = await readLlavaQuestions(folder);
  const questions: PopeQuestion[] = [];
  for (const category of categories) {
    const name = `coco_pope_${category}.json`;
    const file = await requireFile(folder, [`coco/${name}`, `output/coco/${name}`, name]);
    const labels: JsonRecord[] = [];
    for await (const batch of readJsonLines(file)) labels.push(...batch);
    const asked = llava?.get(category);
    if (llava !== undefined && asked?.length !== labels.length) {
      throw new PrumergeError("INVALID_FILE", "not as many labels as LLaVA has questions", {
        where: file,
        expected: `${asked?.length ?? 0} (llava_pope_test.jsonl, category ${category})`,
        found: String(labels.length),
        help: revisions,
      });
    }
    labels.forEach((record, index) => {
      const picture = pictureName(record, textField(record, "image"));
      const text = textField(record, "text") + shortAnswerInstruction;
      const theirs = asked?.[index];
      if (theirs !== undefined) checkPair(record, { picture, text }, theirs);
      const id =
        theirs === undefined ? String(firstIds[category] + index + 1) : idField(theirs, "question_id");
      const question = {
        id,
        picture: { name: picture, path: join(pictures, picture) },
        text,
        maxNewTokens: shortAnswerTokens,
        detail: small(id),
      };
      questions.push({ question, category, label: labelOf(record) });
    });
  }
  return questions;
}

async function readLlavaQuestions(folder: string): Promise<ReadonlyMap<string, JsonRecord[]> | undefined> {
  const file = await findFile(folder, ["llava_pope_test.jsonl"]);
  if (file === undefined) return undefined;
  const questions = new Map<string, JsonRecord[]>();
  const ids = new Set<string>();
  for await (const batch of readJsonLines(file)) {
    for (const record of batch) {
      const category = textField(record, "category");
      const id = idField(record, "question_id");
      if (!(categories as readonly string[]).includes(category)) {
        throw fieldError(record, "category", categories.join(", "), category);
      }
      if (ids.has(id)) throw recordError(record, "a question that stands twice", { found: id });
      ids.add(id);
      const list = questions.get(category);
      if (list === undefined) questions.set(category, [record]);
      else list.push(record);
    }
  }
  return questions;
}

function checkPair(label: JsonRecord, ours: { picture: string; text: string }, theirs: JsonRecord): void {
  const [picture, text] = [textField(theirs, "image"), textField(theirs, "text")];
  if (picture === ours.picture && text === ours.text) return;
  throw recordError(label, `not the question of ${theirs.file}:${theirs.line}`, {
    expected: `${JSON.stringify(text)} about ${picture}`,
    found: `${JSON.stringify(ours.text)} about ${ours.picture}`,
    help: revisions,
  });
}

function labelOf(record: JsonRecord): "yes" | "no" {
  const label = textField(record, "label");
  if (label === "yes" || label === "no") return label;
  throw fieldError(record, "label", '"yes" or "no"', label);
}
