import { useId, useMemo } from "preact/hooks";
import type { Budget } from "prumerge/reduce";
import { modeOf } from "./budget-mode.js";
import { fitBudget, rowsOf } from "./fit-budget.js";
import { nearestStop, tokenStops } from "./token-stops.js";
import type { BudgetChoice } from "./use-budget.js";

/** Slider where nothing is known of the picture yet, and its budget is no larger. */
const usualMost = 576;

/** How many visual tokens: a count, a cap on the method's own rule, or a share of the picture's patches. */
export function TokenSlider({ choice, budget }: { readonly choice: BudgetChoice; readonly budget: Budget }) {
  const { method, counts, chooseBudget } = choice;
  const slider = useId();
  const mode = modeOf(budget);
  const rows = rowsOf(budget, counts) ?? usualMost;
  const leading = counts?.leadingTokens ?? 0;
  const most = counts === undefined ? Math.max(rows, usualMost) : counts.patches + leading;
  const stops = useMemo(() => tokenStops(most, leading), [most, leading]);
  const percent = budget.kind === "share" ? Math.round(budget.ratio * 100) : undefined;
  return (
    <div class="slider">
      <label for={slider}>Visual tokens</label>
      {percent === undefined ? (
        <input
          id={slider}
          type="range"
          min={0}
          max={stops.length - 1}
          step={1}
          value={nearestStop(stops, rows)}
          aria-valuetext={`${mode === "cap" ? "at most" : "exactly"} ${rows} visual tokens`}
          onInput={(event) => {
            const count = stops[Number(event.currentTarget.value)]!;
            if (method !== undefined) chooseBudget(fitBudget(method, mode, count, counts));
          }}
        />
      ) : (
        <input
          id={slider}
          type="range"
          min={1}
          max={100}
          step={1}
          value={percent}
          aria-valuetext={`${percent} % of the patches, ${rows} visual tokens`}
          onInput={(event) => chooseBudget({ kind: "share", ratio: Number(event.currentTarget.value) / 100 })}
        />
      )}
      <output for={slider}>
        {mode === "cap" && "≤ "}
        {percent === undefined ? rows : `${percent} %`}
      </output>
    </div>
  );
}
