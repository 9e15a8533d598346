import { stat } from "node:fs/promises";
import { PrumergeError } from "../../../errors.js";
import { idField, isObject, type JsonRecord, textField } from "../../files/json-record.js";
import { readJsonRecords } from "../../files/json-records.js";
import { readJson, readText } from "../../files/read-whole.js";
import type { GivenAnswer } from "../../task.js";

/**
 * Reads what ScienceQA's and LLaVA's scorers write: `{"results": {id: index}, "outputs": {id: text}}`, of which the texts
 * count where they are there, and LLaVA's second file, `{"correct": [...], "incorrect": [...]}`.
 *
 * @returns undefined for anything else
 * @throws PrumergeError INVALID_FILE with file and line
 */
export async function readResultsFile(path: string): Promise<readonly GivenAnswer[] | undefined> {
  if (!(await stat(path).catch(() => undefined))?.isFile()) return undefined;
  const text = await readText(path);
  if (!text.trimStart().startsWith("{") || isJsonLines(text)) return undefined;
  const content = await readJson(path);
  if (!isObject(content)) return undefined;
  if (Array.isArray(content.correct) && Array.isArray(content.incorrect)) return readAnalysis(path);
  if (isObject(content.results)) return readOutputs(content.results, content.outputs, path);
  throw new PrumergeError("INVALID_FILE", "not a result of ScienceQA", {
    where: path,
    expected: '"results" with "outputs", or "correct" and "incorrect"',
    found: Object.keys(content).slice(0, 8).join(", ") || "an empty object",
  });
}

/** Whether the first line is an answer by itself. */
function isJsonLines(text: string): boolean {
  try {
    const first: unknown = JSON.parse(text.trimStart().split("\n", 1)[0]);
    return isObject(first) && "question_id" in first;
  } catch {
    return false;
  }
}

function readOutputs(results: object, outputs: unknown, file: string): GivenAnswer[] {
  const texts = isObject(outputs) ? outputs : {};
  return [...new Set([...Object.keys(results), ...Object.keys(texts)])].map((question) => {
    const index: unknown = (results as Record<string, unknown>)[question];
    const text = texts[question] ?? letterOf(index);
    if (typeof text === "string") return { question, prompt: undefined, text, file, line: undefined };
    throw new PrumergeError("INVALID_FILE", `problem ${question} has no result`, {
      where: file,
      expected: "an index in results or a text in outputs",
      found: JSON.stringify(texts[question] ?? index),
    });
  });
}

/** What a result without its text says: a choice's index, or -1 for an answer that named none. */
function letterOf(index: unknown): string | undefined {
  if (!Number.isInteger(index) || Number(index) < -1 || Number(index) > 25) return undefined;
  return index === -1 ? "" : String.fromCharCode(65 + Number(index));
}

async function readAnalysis(path: string): Promise<GivenAnswer[]> {
  const answers: GivenAnswer[] = [];
  for await (const batch of readJsonRecords(path, "lists")) {
    for (const record of batch) if (!isUnanswered(record)) answers.push(toAnswer(record));
  }
  return answers;
}

/** LLaVA's scorer writes a line for a question that has no answer, too. */
function isUnanswered({ value }: JsonRecord): boolean {
  return value.pred === "FAILED" && value.question === "Unknown";
}

function toAnswer(record: JsonRecord): GivenAnswer {
  return {
    question: idField(record, "question_id"),
    prompt: textField(record, "question"),
    text: textField(record, "pred"),
    file: record.file,
    line: record.line,
  };
}
