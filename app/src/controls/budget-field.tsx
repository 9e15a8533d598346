import { useId, useMemo } from "preact/hooks";
import type { Budget } from "prumerge/reduce";
import type { MethodInfo } from "../backend/model-backend.js";
import type { PictureCounts } from "../state/picture-counts.js";
import { fitBudget, rowsOf } from "./fit-budget.js";
import { nearestStop, tokenStops } from "./token-stops.js";

interface Props {
  readonly method: MethodInfo;
  readonly budget: Budget;
  readonly counts: PictureCounts | undefined;
  onChange(budget: Budget): void;
}

const modes = [
  ["cap", "at most"],
  ["exact", "exactly"],
  ["share", "share"],
] as const;

type Mode = (typeof modes)[number][0];

/** Slider where nothing is known of the picture yet, and its budget is no larger. */
const usualMost = 576;

/** How many visual tokens: a count, a cap on the method's own rule, or a share of the picture's patches. */
export function BudgetField({ method, budget, counts, onChange }: Props) {
  const slider = useId();
  const mode: Mode = budget.kind === "exact" || budget.kind === "share" ? budget.kind : "cap";
  const rows = rowsOf(budget, counts) ?? usualMost;
  const leading = counts?.leadingTokens ?? 0;
  const most = counts === undefined ? Math.max(rows, usualMost) : counts.patches + leading;
  const stops = useMemo(() => tokenStops(most, leading), [most, leading]);
  const words =
    mode === "share" && budget.kind === "share" ? shareWords(budget.ratio, rows, counts) : undefined;
  const offered = modes.filter(([kind]) => method.budgets.includes(kind));
  return (
    <div class="field">
      <div class="field-head">
        <label for={slider}>Visual tokens</label>
        {offered.length > 1 && (
          <ModeSwitch
            modes={offered}
            mode={mode}
            onChange={(kind) => onChange(fitBudget(method, kind, rows, counts))}
          />
        )}
        <output for={slider}>{words ?? rows}</output>
      </div>
      {words === undefined ? (
        <input
          id={slider}
          type="range"
          min={0}
          max={stops.length - 1}
          step={1}
          value={nearestStop(stops, rows)}
          aria-valuetext={`${mode === "cap" ? "at most" : "exactly"} ${rows} visual tokens`}
          onInput={(event) =>
            onChange(fitBudget(method, mode, stops[Number(event.currentTarget.value)]!, counts))
          }
        />
      ) : (
        <input
          id={slider}
          type="range"
          min={1}
          max={100}
          step={1}
          value={Math.round(budget.kind === "share" ? budget.ratio * 100 : 100)}
          aria-valuetext={`${words} visual tokens`}
          onInput={(event) => onChange({ kind: "share", ratio: Number(event.currentTarget.value) / 100 })}
        />
      )}
    </div>
  );
}

/** `25 %, 576`. */
function shareWords(ratio: number, rows: number, counts: PictureCounts | undefined): string {
  const percent = `${Number((ratio * 100).toFixed(1))} %`;
  return counts === undefined ? percent : `${percent}, ${rows}`;
}

function ModeSwitch(props: {
  readonly modes: readonly (readonly [Mode, string])[];
  readonly mode: Mode;
  onChange(mode: Mode): void;
}) {
  const name = useId();
  return (
    <fieldset class="switch">
      <legend class="visually-hidden">How the number is meant</legend>
      {props.modes.map(([mode, label]) => (
        <label key={mode}>
          <input
            type="radio"
            name={name}
            checked={props.mode === mode}
            onChange={() => props.onChange(mode)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
