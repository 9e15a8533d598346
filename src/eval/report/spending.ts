import type { AnswerRecord, JournalRecord } from "../run/run-folder.js";
import type { Spending } from "./report-data.js";

/** Sums up the timings of a column's records. */
export function spending(records: Iterable<JournalRecord>): Spending | undefined {
  const answers = [...records].filter(
    (one): one is AnswerRecord => one.kind === "answer" && one.picture !== null,
  );
  if (answers.length === 0) return undefined;
  const pictures = new Map(answers.map((one) => [one.picture!.sha256, one.timings]));
  // A first question has its whole prompt in its timings; later ones reuse the picture's part.
  const firsts = answers.filter(({ reusedTokens }) => reusedTokens === 0);
  const asked = firsts.length > 0 ? firsts : answers;
  const mean = (of: (one: AnswerRecord) => number, all: readonly AnswerRecord[] = answers) =>
    all.reduce((sum, one) => sum + of(one), 0) / all.length;
  const seeing = [...pictures.values()].reduce((sum, { prepare, encode }) => sum + prepare + encode, 0);
  const answering = answers.reduce((sum, { timings }) => sum + timings.total, 0);
  return {
    prepare: mean(({ timings }) => timings.prepare, asked),
    encode: mean(({ timings }) => timings.encode, asked),
    firstToken: mean(({ timings }) => timings.firstToken, asked),
    rest: mean(({ timings }) => Math.max(0, timings.total - timings.firstToken), asked),
    answersPerSecond: (1000 * answers.length) / (seeing + answering),
    newTokens: mean(({ newTokens }) => newTokens),
    keyValueBytes: mean(({ keyValueBytes }) => keyValueBytes),
    residentBytes: answers.reduce((most, { residentBytes }) => Math.max(most, residentBytes), 0),
  };
}

/** Mean visual tokens of the questions with a picture; 0 where there is none. */
export function meanVisualTokens(records: Iterable<JournalRecord>): number {
  const counts = [...records].flatMap((one) =>
    one.kind === "answer" && one.picture !== null ? [one.visualTokens] : [],
  );
  return counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
}
