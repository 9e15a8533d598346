import { PrumergeError } from "../../../errors.js";
import { activityNetTypes, isFree, printedFreeTypes } from "./activitynet-types.js";

/** What the official program counts before it divides. */
export interface ActivityNetCounts {
  /** Right answers by type, 0 to 8. */
  readonly right: readonly number[];
  /** Questions by type, in the order in which the answer file first has each. */
  readonly questions: ReadonlyMap<number, number>;
}

/** What it prints, as shares from 0 to 1. */
export interface ActivityNetFigures {
  /** By type, 0 to 8. */
  readonly types: readonly number[];
  /** Right answers to free questions over free questions: what is meant. */
  readonly free: number;
  /** The same right answers over the questions of other types: what is printed. */
  readonly freeAsPrinted: number;
  readonly all: number;
}

interface Row {
  readonly question_id: string;
  readonly answer: string;
}

/**
 * Counts as ActivityNet-QA's `evaluation/eval.py` does: texts are equal or not, nothing is normalised; an answer given twice counts
 * twice, a question without one counts as wrong.
 *
 * @throws PrumergeError INVALID_FILE for an answer to a question that is not there (the official program ends with a KeyError)
 */
export function countActivityNet(
  predictions: readonly Row[],
  answers: readonly (Row & { readonly type: number })[],
): ActivityNetCounts {
  const byId = new Map(answers.map((row) => [row.question_id, row]));
  const questions = new Map<number, number>();
  for (const { type } of answers) questions.set(type, (questions.get(type) ?? 0) + 1);
  const right = activityNetTypes.map(() => 0);
  for (const { question_id: id, answer } of predictions) {
    const row = byId.get(id);
    if (row === undefined) {
      throw new PrumergeError("INVALID_FILE", "an answer to a question that is not there", {
        expected: `one of ${byId.size} questions`,
        found: id,
      });
    }
    if (answer === row.answer) right[row.type]++;
  }
  return { right, questions };
}

/**
 * The figures that the official program prints of its counts, and the free questions' accuracy as it is meant.
 *
 * @throws PrumergeError INVALID_FILE where the file has not all nine types (the official program ends with a KeyError)
 */
export function activityNetFigures({ right, questions }: ActivityNetCounts): ActivityNetFigures {
  const missing = activityNetTypes.findIndex((_, type) => !questions.has(type));
  if (missing >= 0) {
    throw new PrumergeError("INVALID_FILE", "the official program needs questions of all nine types", {
      expected: "types 0 to 8",
      found: `no question of type ${missing}`,
    });
  }
  const sum = (types: readonly number[], of: (type: number) => number) =>
    types.reduce((total, type) => total + of(type), 0);
  const all = activityNetTypes.map((_, type) => type);
  const free = all.filter(isFree);
  const asked = (type: number) => questions.get(type)!;
  const had = (type: number) => right[type]!;
  return {
    types: all.map((type) => had(type) / asked(type)),
    free: sum(free, had) / sum(free, asked),
    freeAsPrinted: sum(free, had) / sum(printedFreeTypes([...questions.keys()]), asked),
    all: sum(all, had) / sum(all, asked),
  };
}
