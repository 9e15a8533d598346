import { PrumergeError } from "../../../errors.js";
import { pictureName, requireFile } from "../../files/find-file.js";
import { fieldError, isObject, type JsonRecord, listField, textField } from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import { readJson } from "../../files/read-whole.js";

/** One of ScienceQA's `problems.json`. */
export interface Problem {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly string[];
  /** Index of the right choice. */
  readonly answer: number;
  /** Empty where there is none. */
  readonly hint: string;
  /** As LLaVA names it, `11/image.png`; undefined for a question without a picture. */
  readonly picture: string | undefined;
  /** The split whose folder has the picture. */
  readonly subset: string;
  readonly subject: string;
  readonly topic: string;
  readonly grade: string;
}

/** Real ones have 2 to 5 choices; the letters end at Z. */
const mostChoices = 26;

/**
 * The problems of one split, in the order of `pid_splits.json`.
 *
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line
 */
export async function readProblems(folder: string, split: string): Promise<readonly Problem[]> {
  const splits = await requireFile(folder, ["pid_splits.json"]);
  const ids = splitIds(await readJson(splits), split, splits);
  const wanted = new Set(ids);
  const found = new Map<string, Problem>();
  const problems = await requireFile(folder, ["problems.json"]);
  for await (const batch of readJsonRecords(problems, "entries")) {
    for (const record of batch) {
      if (wanted.has(record.key!)) found.set(record.key!, readProblem(record));
    }
  }
  return ids.map((id) => {
    const problem = found.get(id);
    if (problem !== undefined) return problem;
    throw new PrumergeError("INVALID_FILE", `the split ${split} has a problem that is not there`, {
      where: problems,
      expected: `a problem "${id}", which ${splits} lists`,
      found: `${found.size} of ${wanted.size} problems`,
    });
  });
}

function splitIds(content: unknown, split: string, where: string): readonly string[] {
  const ids = isObject(content) ? content[split] : undefined;
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => typeof id === "string")) {
    throw new PrumergeError("INVALID_FILE", "the split is not there", {
      where,
      expected: `"${split}": a list of problem ids`,
      found: isObject(content) ? `the splits ${Object.keys(content).join(", ")}` : "no object",
    });
  }
  if (new Set(ids).size < ids.length)
    throw new PrumergeError("INVALID_FILE", `the split ${split} lists a problem twice`, { where });
  return ids;
}

function readProblem(record: JsonRecord): Problem {
  const choices = listField(record, "choices");
  const texts = choices.filter((choice) => typeof choice === "string");
  if (texts.length < choices.length || texts.length < 2 || texts.length > mostChoices)
    throw fieldError(record, "choices", `2 to ${mostChoices} texts`, choices);
  const { answer, image } = record.value;
  if (!Number.isInteger(answer) || Number(answer) < 0 || Number(answer) >= texts.length)
    throw fieldError(record, "answer", `an index below ${texts.length}`, answer);
  if (image !== null && typeof image !== "string")
    throw fieldError(record, "image", "a file name or null", image);
  const id = record.key!;
  return {
    id,
    question: textField(record, "question"),
    choices: texts,
    answer: Number(answer),
    hint: textField(record, "hint"),
    picture: image === null ? undefined : pictureName(record, `${id}/${image}`),
    subset: pictureName(record, textField(record, "split")),
    subject: textField(record, "subject"),
    topic: textField(record, "topic"),
    grade: textField(record, "grade"),
  };
}
