import { join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { readDetails } from "../../files/details.js";
import { findFile, pictureFolder, pictureName, requireFile } from "../../files/find-file.js";
import {
  fieldError,
  idField,
  type JsonRecord,
  listField,
  recordError,
  textField,
} from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import { annotators } from "../../scoring/leave-one-out.js";
import type { TaskQuestion } from "../../task.js";
import { shortAnswerTokens } from "../short-answer.js";
import { readLlavaPrompts } from "./llava-prompts.js";
import { composePrompt } from "./prompt.js";

/** One question with its people's answers and the picture that LLaVA names it by. */
export interface TextVqaQuestion {
  readonly question: TaskQuestion;
  readonly pictureId: string;
  /** The question alone, in lower case: with the picture's id the key of LLaVA's answers. */
  readonly asked: string;
  readonly answers: readonly string[];
}

export interface TextVqaChoice {
  /** Whether the prompt gives the words that an OCR program found. */
  readonly ocr: boolean;
  /** How the question is written. */
  readonly write: (question: string) => string;
  /** Whether LLaVA's own question file may say the text. */
  readonly llava: boolean;
}

const annotationFile = "TextVQA_0.5.1_val.json";
const llavaFile = "llava_textvqa_val_v051_ocr.jsonl";
const ocrFile = "TextVQA_Rosetta_OCR_v0.2_val.json";

/**
 * Reads TextVQA's validation split: `TextVQA_0.5.1_val.json`, pictures in `train_images/`; the recognised words from
 * LLaVA's `llava_textvqa_val_v051_ocr.jsonl` or, without it, `TextVQA_Rosetta_OCR_v0.2_val.json`.
 */
export async function loadTextVqa(
  folder: string,
  choice: TextVqaChoice,
): Promise<readonly TextVqaQuestion[]> {
  const file = await requireFile(folder, [annotationFile]);
  const pictures = await pictureFolder(folder, ["train_images", "train_val_images/train_images", "images"]);
  const small = await readDetails(folder);
  const textOf = await readTexts(folder, choice);
  const questions: TextVqaQuestion[] = [];
  const [ids, keys] = [new Set<string>(), new Set<string>()];
  for await (const batch of readJsonRecords(file, "lists")) {
    for (const record of batch) {
      if (record.key !== "data") continue;
      const [id, pictureId, words] = [
        idField(record, "question_id"),
        idField(record, "image_id"),
        textField(record, "question"),
      ];
      const asked = words.toLowerCase();
      const key = `${pictureId}\n${asked}`;
      if (ids.has(id) || keys.has(key))
        throw recordError(record, "a question that stands twice", { found: id });
      ids.add(id);
      keys.add(key);
      const name = pictureName(record, `${pictureId}.jpg`);
      const text = textOf(record, pictureId, words);
      const picture = { name, path: join(pictures, name) };
      const question = { id, picture, text, maxNewTokens: shortAnswerTokens, detail: small(id) };
      questions.push({ question, pictureId, asked, answers: readAnswers(record) });
    }
  }
  return questions;
}

type TextOf = (record: JsonRecord, pictureId: string, words: string) => string;

async function readTexts(folder: string, { ocr, write, llava }: TextVqaChoice): Promise<TextOf> {
  if (!ocr) return (_, __, words) => composePrompt(write(words), undefined);
  const prompts = await findFile(folder, llava ? [llavaFile] : []);
  if (prompts !== undefined) {
    const texts = await readLlavaPrompts(prompts);
    return (record, pictureId, words) => {
      const text = texts.get(`${pictureId}\n${words.toLowerCase()}`);
      if (text !== undefined) return text;
      throw recordError(record, `a question that is not in ${prompts}`, { found: `${pictureId}, ${words}` });
    };
  }
  const recognised = await findFile(folder, [ocrFile]);
  if (recognised === undefined) {
    throw new PrumergeError("NOT_FOUND", "the recognised words are missing", {
      where: folder,
      expected: `${llavaFile} or ${ocrFile}`,
      help: "With the rule ocr=false questions are asked without them; scores are then not LLaVA-1.5's.",
    });
  }
  const tokens = await readTokens(recognised);
  return (record, pictureId, words) => {
    const found = tokens.get(pictureId);
    if (found === undefined)
      throw recordError(record, `no words of this picture in ${recognised}`, { found: pictureId });
    return composePrompt(write(words), found);
  };
}

async function readTokens(file: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const tokens = new Map<string, readonly string[]>();
  for await (const batch of readJsonRecords(file, "lists")) {
    for (const record of batch) {
      if (record.key === "data") tokens.set(idField(record, "image_id"), readStrings(record, "ocr_tokens"));
    }
  }
  return tokens;
}

function readAnswers(record: JsonRecord): readonly string[] {
  const answers = readStrings(record, "answers");
  if (answers.length === annotators) return answers;
  throw recordError(record, "not ten answers", { found: String(answers.length) });
}

function readStrings(record: JsonRecord, name: string): readonly string[] {
  const values = listField(record, name);
  const other = values.find((value) => typeof value !== "string");
  if (other !== undefined) throw fieldError(record, name, "a list of texts", other);
  return values as readonly string[];
}
