import type { AnswerNumbers, Reduction } from "../backend/model-backend.js";
import type { AnswerState } from "./session-state.js";

/**
 * What the first question about a picture took, by what was made of the picture. Later ones find the picture in the language
 * model's cache, and their times tell nothing of a reduction.
 */
export type FirstFigures = Readonly<Record<string, AnswerNumbers>>;

/** @returns the same object where nothing is new */
export function withFirst(firsts: FirstFigures, answers: readonly AnswerState[]): FirstFigures {
  const fresh = answers.flatMap(({ reduction, numbers }) => {
    const key = keyOf(reduction);
    return numbers === undefined || isLater(numbers) || key in firsts ? [] : [[key, numbers] as const];
  });
  return fresh.length === 0 ? firsts : { ...firsts, ...Object.fromEntries(fresh) };
}

export function firstOf(firsts: FirstFigures, reduction: Reduction | undefined): AnswerNumbers | undefined {
  return firsts[keyOf(reduction)];
}

/** Whether the language model had the picture in its cache. */
export function isLater({ reusedTokens, visualTokens }: AnswerNumbers): boolean {
  return reusedTokens >= visualTokens;
}

function keyOf(reduction: Reduction | undefined): string {
  return JSON.stringify(reduction ?? null);
}
