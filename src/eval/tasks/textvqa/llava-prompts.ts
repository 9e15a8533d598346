import { readJsonLines } from "../../files/json-lines.js";
import { fieldError, idField, type JsonRecord, recordError, textField } from "../../files/json-record.js";
import { questionOfPrompt } from "./prompt.js";

/** A question of LLaVA's file. */
export interface LlavaPrompt {
  readonly text: string;
  readonly record: JsonRecord;
}

/**
 * Reads LLaVA's TextVQA questions. Their `question_id` is the picture's id; a question is told by it and its words.
 *
 * @returns by `<picture id>\n<question in lower case>`
 * @throws PrumergeError INVALID_FILE with file and line
 */
export async function readLlavaPrompts(file: string): Promise<ReadonlyMap<string, LlavaPrompt>> {
  const texts = new Map<string, LlavaPrompt>();
  for await (const batch of readJsonLines(file)) {
    for (const record of batch) {
      const text = textField(record, "text");
      const asked = questionOfPrompt(text);
      if (asked === undefined || !text.includes("Reference OCR token: ")) {
        throw recordError(record, "not a question with recognised words", {
          expected: "three lines, the second one beginning with Reference OCR token: ",
        });
      }
      const picture = idField(record, "question_id");
      const image = textField(record, "image");
      if (image !== `${picture}.jpg`) throw fieldError(record, "image", `${picture}.jpg`, image);
      const key = `${picture}\n${asked}`;
      if (texts.has(key)) throw recordError(record, "a question that stands twice", { found: asked });
      texts.set(key, { text, record });
    }
  }
  return texts;
}
