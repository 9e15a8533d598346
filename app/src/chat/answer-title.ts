import { type Budget, formatBudget } from "prumerge/reduce";
import { reduces } from "../backend/model-backend.js";
import type { AnswerState } from "../state/session-state.js";

/** `prumerge+, 144 tokens`, `All 576 tokens`. */
export function answerTitle(
  { reduction, numbers }: Pick<AnswerState, "reduction" | "numbers">,
  unreducedTokens: number | undefined,
): string {
  if (!reduces(reduction)) return `All ${numbers?.visualTokens ?? unreducedTokens ?? "visual"} tokens`;
  const { method, budget } = reduction;
  if (numbers !== undefined) return `${method}, ${numbers.visualTokens} tokens`;
  return budget.kind === "rule" ? method : `${method}, ${boundWords(budget)} tokens`;
}

/** `64`, `25%`, `at most 64`. */
function boundWords(budget: Budget): string {
  return budget.kind === "cap" ? `at most ${budget.rows}` : formatBudget(budget);
}
