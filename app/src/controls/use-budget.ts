import { useRef } from "preact/hooks";
import type { Budget } from "prumerge/reduce";
import type { MethodInfo, ModelInfo, Reduction } from "../backend/model-backend.js";
import type { PictureCounts } from "../state/picture-counts.js";
import { fitBudget, rowsOf } from "./fit-budget.js";
import { fitOptions } from "./fit-options.js";

/** Method and budget, which change together. */
export interface BudgetChoice {
  readonly method: MethodInfo | undefined;
  /** The latest that says how many; undefined where the method takes no number. */
  readonly counted: Budget | undefined;
  readonly counts: PictureCounts | undefined;
  chooseMethod(name: string): void;
  chooseBudget(budget: Budget): void;
}

/** Rows of a budget before anything is known of model and picture. */
const usualRows = 144;

/** @param counts of the picture that is drawn; undefined while nothing is known of it */
export function useBudget(
  model: ModelInfo | undefined,
  counts: PictureCounts | undefined,
  reduction: Reduction,
  onChange: (reduction: Reduction) => void,
): BudgetChoice {
  const { budget } = reduction;
  // A method that takes no number does not forget what the others had.
  const last = useRef(budget);
  if (budget.kind !== "all" && budget.kind !== "rule") last.current = budget;
  const methods = model?.methods ?? [];
  const method = methods.find(({ name }) => name === reduction.method);
  const takesNumber = method?.budgets.some((kind) => kind === "exact" || kind === "cap" || kind === "share");
  return {
    method,
    counted: takesNumber === true ? last.current : undefined,
    counts,
    chooseMethod(name) {
      const next = methods.find((candidate) => candidate.name === name);
      if (next === undefined || model === undefined) return;
      const { kind } = last.current;
      const same = kind === "share" && next.budgets.includes(kind);
      const rows = rowsOf(last.current, counts) ?? usualRows;
      onChange({
        ...reduction,
        method: next.name,
        budget: same ? last.current : fitBudget(next, kind, rows, counts),
        options: next === method ? reduction.options : fitOptions(next, model),
      });
    },
    chooseBudget: (changed) => onChange({ ...reduction, budget: changed }),
  };
}
