import { findFile, pictureName } from "../../files/find-file.js";
import { readJsonLines } from "../../files/json-lines.js";
import { type JsonRecord, recordError, textField } from "../../files/json-record.js";
import { llavaPrompt, type MmeQuestion, pictureStem, questionKey } from "./question.js";

/** LLaVA's `llava_mme.jsonl`, read. */
export interface QuestionFile {
  readonly records: readonly JsonRecord[];
  /** Pictures below the release folder by `subtask/stem`: the text files of MME do not say how a picture's name ends. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** @throws PrumergeError INVALID_FILE with file and line; undefined where there is no such file */
export async function readQuestionFile(folder: string): Promise<QuestionFile | undefined> {
  const file = await findFile(folder, ["llava_mme.jsonl"]);
  if (file === undefined) return undefined;
  const records: JsonRecord[] = [];
  const pictures = new Map<string, string>();
  for await (const batch of readJsonLines(file)) {
    for (const record of batch) {
      const picture = pictureName(record, textField(record, "image"));
      pictures.set(`${picture.split("/")[0]}/${pictureStem(picture)}`, picture);
      records.push(record);
    }
  }
  return { records, pictures };
}

/**
 * The questions in the order of LLaVA's file.
 *
 * @throws PrumergeError INVALID_FILE with file and line where it asks anything else than the benchmark, or less
 */
export function orderAsIn(
  { records }: QuestionFile,
  questions: readonly MmeQuestion[],
): readonly MmeQuestion[] {
  const left = new Map(
    questions.map((one) => [questionKey(one.subtask.name, one.picture, one.question), one]),
  );
  const ordered = records.map((record) => {
    const [picture, text] = [textField(record, "image"), textField(record, "text")];
    const key = questionKey(picture.split("/")[0], picture, text);
    const question = left.get(key);
    left.delete(key);
    if (question?.picture === picture && llavaPrompt(question.question) === text) return question;
    throw recordError(record, "not a question of the benchmark, or for the second time", {
      expected: question === undefined ? "a question that is in it" : llavaPrompt(question.question),
      found: `${text} (${picture})`,
    });
  });
  const [absent] = left.values();
  if (absent === undefined) return ordered;
  const { file, line } = records.at(-1) ?? { file: "llava_mme.jsonl", line: 1 };
  throw recordError({ file, line, entry: line }, "not all questions of the benchmark", {
    expected: `${questions.length} questions`,
    found: `${ordered.length}, not that of ${absent.file}:${absent.line}`,
  });
}
