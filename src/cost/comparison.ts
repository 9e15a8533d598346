import { type CostEstimate, type CostRequest, estimateCost } from "./estimate.js";
import type { ModelGeometry } from "./geometry.js";
import type { Attention } from "./language-operations.js";
import { type ShownPicture, shownPicture } from "./shown-picture.js";

/** What is asked at several counts of visual tokens. */
export type CostQuestion = Omit<CostRequest, "visualTokens">;

/** Estimates side by side, with what was asked. */
export interface CostComparison extends CostQuestion {
  readonly attention: Attention;
  /** In the order of the counts. */
  readonly estimates: readonly CostEstimate[];
}

/**
 * What one question costs at each count of visual tokens.
 *
 * @param visualTokens default: {@link usualCounts}
 * @throws PrumergeError INVALID_OPTION for counts out of range
 * @example
 * ```ts
 * const { estimates } = compareCosts({
 *   model: presets["7b"],
 *   hardware: findHardware("a100"),
 *   precision: { weightBits: 16, activationBits: 16, keyValueBits: 16 },
 *   textTokens: 40,
 *   answerTokens: 32,
 * });
 * ```
 */
export function compareCosts(
  question: CostQuestion,
  visualTokens: readonly number[] = usualCounts(question.model, question.picture),
): CostComparison {
  const { model, hardware, precision, picture, textTokens, answerTokens, attention = "fused" } = question;
  const estimates = visualTokens.map((count) => estimateCost({ ...question, visualTokens: count }));
  return {
    model,
    hardware,
    precision,
    ...(picture && { picture }),
    textTokens,
    answerTokens,
    attention,
    estimates,
  };
}

/** All of the picture's, and of a few counts those that are fewer; of many the counts that papers use for tiles. */
export function usualCounts(
  model: Pick<ModelGeometry, "vision" | "blockSide">,
  picture?: ShownPicture,
): readonly number[] {
  const all = shownPicture(model, picture).unreducedTokens;
  const counts = all > 1000 ? [640, 320, 160, 64] : [288, 144, 64, 32];
  return [all, ...counts.filter((count) => count < all)];
}
