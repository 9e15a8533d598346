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
  const { textOf, end } = await readTexts(folder, choice);
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
  end?.();
  return questions;
}

interface Texts {
  readonly textOf: (record: JsonRecord, pictureId: string, words: string) => string;
  /** Called after the last question: refuses texts of other questions. */
  readonly end?: () => void;
}

async function readTexts(folder: string, { ocr, write, llava }: TextVqaChoice): Promise<Texts> {
  if (!ocr) return { textOf: (_, __, words) => composePrompt(write(words), undefined) };
  const prompts = await findFile(folder, llava ? [llavaFile] : []);
  if (prompts !== undefined) return readLlavaTexts(prompts);
  const recognised = await findFile(folder, [ocrFile]);
  if (recognised === undefined) {
    throw new PrumergeError("NOT_FOUND", "the recognised words are missing", {
      where: folder,
      expected: llava ? `${llavaFile} or ${ocrFile}` : ocrFile,
      help: llava
        ? "With the rule ocr=false questions are asked without them; scores are then not LLaVA-1.5's."
        : `${llavaFile} is for prompt=llava alone. lmms-eval asks without these words: rule ocr=false.`,
    });
  }
  const tokens = await readTokens(recognised);
  const textOf: Texts["textOf"] = (record, pictureId, words) => {
    const found = tokens.get(pictureId);
    if (found === undefined)
      throw recordError(record, `no words of this picture in ${recognised}`, { found: pictureId });
    return composePrompt(write(words), found);
  };
  return { textOf };
}

/** LLaVA's own wording, question by question: each of its lines has to be one of the benchmark's. */
async function readLlavaTexts(file: string): Promise<Texts> {
  const left = new Map(await readLlavaPrompts(file));
  return {
    textOf(record, pictureId, words) {
      const key = `${pictureId}\n${words.toLowerCase()}`;
      const found = left.get(key);
      if (found === undefined)
        throw recordError(record, `a question that is not in ${file}`, { found: `${pictureId}, ${words}` });
      left.delete(key);
      return found.text;
    },
    end() {
      const [other] = left;
      if (other === undefined) return;
      const [key, { record }] = other;
      throw recordError(record, "not a question of the official file", { found: key.replace("\n", ", ") });
    },
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
