import { type CostEstimate, type CostRequest, estimateCost } from "./estimate.js";
import { type ModelGeometry, patchCount } from "./geometry.js";
import type { Attention } from "./language-operations.js";

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
  visualTokens: readonly number[] = usualCounts(question.model),
): CostComparison {
  const { model, hardware, precision, textTokens, answerTokens, attention = "fused" } = question;
  const estimates = visualTokens.map((count) => estimateCost({ ...question, visualTokens: count }));
  return { model, hardware, precision, textTokens, answerTokens, attention, estimates };
}

/** All patches, and of 288, 144, 64 and 32 those that are fewer. */
export function usualCounts({ vision }: Pick<ModelGeometry, "vision">): readonly number[] {
  const patches = patchCount(vision);
  return [patches, ...[288, 144, 64, 32].filter((count) => count < patches)];
}
