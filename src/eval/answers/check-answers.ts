import { PrumergeError } from "../../errors.js";
import type { GivenAnswer, LoadedTask, TaskQuestion } from "../task.js";
import { asksFor } from "./prompt-match.js";

/** Answers that fit their questions one to one. */
export interface CheckedAnswers {
  /** Text by question id. */
  readonly answers: ReadonlyMap<string, string>;
  /** Questions without an answer; empty unless missing answers are allowed. */
  readonly missing: readonly string[];
}

/**
 * Matches answers with a task's questions: each question has exactly one answer, no answer is about anything else, and
 * where an answer says what was asked, that is its question.
 *
 * @throws PrumergeError INVALID_FILE that counts and names the answers without a question, those to a differently worded
 * question, those given twice, and the questions without an answer (unless `allowMissing`)
 */
export function checkAnswers(
  task: Pick<LoadedTask, "questions" | "identify">,
  given: readonly GivenAnswer[],
  { allowMissing = false }: { readonly allowMissing?: boolean } = {},
): CheckedAnswers {
  const questions = new Map(task.questions.map((question) => [question.id, question]));
  const accepted = new Map<string, GivenAnswer>();
  const [unknown, reworded, repeated]: string[][] = [[], [], []];
  for (const answer of given) {
    const id = task.identify === undefined ? answer.question : task.identify(answer);
    const question = id === undefined ? undefined : questions.get(id);
    const earlier = question === undefined ? undefined : accepted.get(question.id);
    if (question === undefined) unknown.push(`${answer.question} (${place(answer)})`);
    else if (!isAbout(answer, question)) reworded.push(`${answer.question} (${place(answer)})`);
    else if (earlier !== undefined)
      repeated.push(`${answer.question} (${place(earlier)} and ${place(answer)})`);
    else accepted.set(question.id, answer);
  }
  const missing = task.questions.flatMap(({ id }) => (accepted.has(id) ? [] : [id]));
  const problems = [
    ...describe(unknown, "answers to unknown questions"),
    ...describe(reworded, "answers to a differently worded question"),
    ...describe(repeated, "questions answered twice"),
    ...(allowMissing && accepted.size > 0 ? [] : describe(missing, "questions without an answer")),
  ];
  if (problems.length > 0) {
    const strangers = unknown.length + reworded.length;
    throw new PrumergeError("INVALID_FILE", "the answers do not fit the questions", {
      expected: `one answer to each of ${questions.size} questions`,
      found: problems.join("; "),
      help:
        strangers > 0
          ? "Answers to another task, split or revision of the benchmark?"
          : repeated.length > 0
            ? "The same run given twice, or parts that overlap?"
            : "With --allow-missing they count as wrong.",
    });
  }
  return { answers: new Map([...accepted].map(([id, { text }]) => [id, text])), missing };
}

function isAbout({ prompt }: GivenAnswer, question: TaskQuestion): boolean {
  return prompt === undefined || asksFor(prompt, question.text);
}

function place({ file, line }: GivenAnswer): string {
  return line === undefined ? file : `${file}:${line}`;
}

const named = 5;

function describe(items: readonly string[], what: string): string[] {
  if (items.length === 0) return [];
  const rest = items.length > named ? ` and ${items.length - named} more` : "";
  return [`${items.length} ${what}: ${items.slice(0, named).join(", ")}${rest}`];
}
