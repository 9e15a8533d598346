import { join } from "node:path";
import { readDetails } from "../../files/details.js";
import { findFile, pictureFolder, pictureName, requireFile } from "../../files/find-file.js";
import { readJsonLines } from "../../files/json-lines.js";
import { idField, type JsonRecord, recordError, textField } from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import type { TaskPicture, TaskQuestion } from "../../task.js";
import { shortAnswerInstruction, shortAnswerTokens } from "../short-answer.js";
import { type Annotation, readAnnotations } from "./annotations.js";

/** A split's questions and, where it is labelled, what people answered, by question id. */
export interface VqaData {
  readonly questions: readonly TaskQuestion[];
  readonly annotations: ReadonlyMap<string, Annotation> | undefined;
}

/**
 * Reads a split of VQAv2: `v2_OpenEnded_mscoco_<split>_questions.json` with `v2_mscoco_<split>_annotations.json`, and
 * LLaVA's `llava_vqav2_mscoco_<split>.jsonl`, which for test-dev may stand alone. Pictures: `<val2014|test2015>/`.
 */
export async function loadVqa(folder: string, split: string): Promise<VqaData> {
  const subset = split.replace("-dev", "");
  const pictures = await pictureFolder(folder, [subset, join("images", subset)]);
  const official = `v2_OpenEnded_mscoco_${split}_questions.json`;
  const llava = `llava_vqav2_mscoco_${split}.jsonl`;
  const isLabelled = split === "val2014";
  const small = await readDetails(folder);
  const source = await requireFile(folder, isLabelled ? [official] : [llava, official]);
  const read = source.endsWith(".jsonl") ? readLlava : readOfficial;
  const questions = new QuestionList(pictures, small);
  await read(source, subset, (question) => questions.add(question));
  const llavaFile = await findFile(folder, [llava]);
  if (isLabelled && llavaFile !== undefined) await questions.compare(llavaFile, subset);
  const annotations = isLabelled
    ? await readAnnotations(
        await requireFile(folder, [`v2_mscoco_${split}_annotations.json`]),
        questions.byId,
      )
    : undefined;
  return { questions: [...questions.byId.values()], annotations };
}

interface ReadQuestion {
  readonly id: string;
  readonly picture: string;
  readonly text: string;
  readonly record: JsonRecord;
}

type Take = (question: ReadQuestion) => void;

async function readOfficial(file: string, subset: string, take: Take): Promise<void> {
  for await (const batch of readJsonRecords(file, "lists")) {
    for (const record of batch) {
      if (record.key !== "questions") continue;
      const picture = `COCO_${subset}_${idField(record, "image_id").padStart(12, "0")}.jpg`;
      const text = textField(record, "question") + shortAnswerInstruction;
      take({ id: idField(record, "question_id"), picture: pictureName(record, picture), text, record });
    }
  }
}

async function readLlava(file: string, _: string, take: Take): Promise<void> {
  for await (const batch of readJsonLines(file)) {
    for (const record of batch) {
      const picture = pictureName(record, textField(record, "image"));
      take({ id: idField(record, "question_id"), picture, text: textField(record, "text"), record });
    }
  }
}

class QuestionList {
  readonly byId = new Map<string, TaskQuestion>();
  readonly #pictures = new Map<string, TaskPicture>();
  readonly #folder: string;
  readonly #small: (id: string) => boolean | undefined;

  constructor(folder: string, small: (id: string) => boolean | undefined) {
    this.#folder = folder;
    this.#small = small;
  }

  add({ id, picture: name, text, record }: ReadQuestion): void {
    if (this.byId.has(id)) throw recordError(record, "a question that stands twice", { found: id });
    let picture = this.#pictures.get(name);
    if (picture === undefined) {
      picture = { name, path: join(this.#folder, name) };
      this.#pictures.set(name, picture);
    }
    this.byId.set(id, { id, picture, text, maxNewTokens: shortAnswerTokens, detail: this.#small(id) });
  }

  /** @throws PrumergeError INVALID_FILE where LLaVA's file of the same split asks anything else, or less */
  async compare(file: string, subset: string): Promise<void> {
    const seen = new Set<string>();
    await readLlava(file, subset, ({ id, picture, text, record }) => {
      const ours = this.byId.get(id);
      if (ours?.text !== text || ours.picture?.name !== picture) {
        throw recordError(record, "not the question of the official file", {
          expected:
            ours === undefined
              ? "a question id that is in it"
              : `${JSON.stringify(ours.text)} about ${ours.picture?.name}`,
          found: ours === undefined ? id : `${JSON.stringify(text)} about ${picture}`,
        });
      }
      if (seen.has(id)) throw recordError(record, "a question that stands twice", { found: id });
      seen.add(id);
    });
    const missing = [...this.byId.keys()].find((id) => !seen.has(id));
    if (missing === undefined) return;
    throw recordError({ file, line: seen.size, entry: 1 }, "a question of the official file is missing", {
      expected: `${this.byId.size} questions`,
      found: `${seen.size}, without ${missing}`,
    });
  }
}
