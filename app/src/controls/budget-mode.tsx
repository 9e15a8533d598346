import { useId } from "preact/hooks";
import type { Budget } from "prumerge/reduce";
import { fitBudget, rowsOf } from "./fit-budget.js";
import type { BudgetChoice } from "./use-budget.js";

const modes = [
  ["cap", "at most"],
  ["exact", "exactly"],
  ["share", "share"],
] as const;

type Mode = (typeof modes)[number][0];

const meanings: Readonly<Record<Mode, string>> = {
  cap: "As many as the method's own rule finds in this picture, but no more than the slider says.",
  exact: "As many as the slider says, whatever the picture.",
  share: "A share of the picture's patches.",
};

/** How a budget's number is meant. */
export function modeOf({ kind }: Budget): Mode {
  return kind === "exact" || kind === "share" ? kind : "cap";
}

/** The choice of how the slider's number is meant; nothing where the method takes one kind alone. */
export function BudgetMode({ choice, budget }: { readonly choice: BudgetChoice; readonly budget: Budget }) {
  const { method, counts, chooseBudget } = choice;
  const ids = { name: useId(), hint: useId() };
  const mode = modeOf(budget);
  const offered = modes.filter(([kind]) => method?.budgets.includes(kind));
  if (method === undefined || offered.length < 2) return null;
  return (
    <fieldset class="field" aria-describedby={ids.hint}>
      <legend>Number of tokens</legend>
      <div class="switch">
        {offered.map(([kind, label]) => (
          <label key={kind}>
            <input
              type="radio"
              name={ids.name}
              checked={mode === kind}
              onChange={() =>
                chooseBudget(
                  fitBudget(method, kind, rowsOf(budget, counts) ?? Number.POSITIVE_INFINITY, counts),
                )
              }
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      <p id={ids.hint} class="hint">
        {meanings[mode]}
      </p>
    </fieldset>
  );
}
