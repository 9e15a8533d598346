import { useId, useMemo, useRef } from "preact/hooks";
import type { Budget } from "prumerge/reduce";
import { type MethodInfo, type ModelInfo, type Reduction, reduces } from "../backend/model-backend.js";
import { fitBudget, rowsOf } from "./fit-budget.js";
import { fitOptions } from "./fit-options.js";
import { PositionChoice } from "./position-choice.js";
import { SizeBiasChoice } from "./size-bias-choice.js";
import { nearestStop, tokenStops } from "./token-stops.js";

interface Props {
  readonly model: ModelInfo;
  readonly reduction: Reduction;
  onChange(reduction: Reduction): void;
}

/** Which method, how many visual tokens, and what the language model is told of them. */
export function ReductionControls({ model, reduction, onChange }: Props) {
  const ids = { method: useId(), slider: useId(), hint: useId() };
  const { budget } = reduction;
  const method = model.methods.find(({ name }) => name === reduction.method);
  const stops = useMemo(() => tokenStops(model.unreducedTokens, model.leadingTokens), [model]);
  // A method that takes no count does not forget what the others had.
  const last = useRef(budget);
  if (budget.kind !== "all" && budget.kind !== "rule") last.current = budget;
  const rows = rowsOf(last.current, model);
  const change = (next: MethodInfo | undefined, kind: Budget["kind"], count: number) => {
    if (next === undefined) return;
    const options = next === method ? reduction.options : fitOptions(next, model);
    onChange({ ...reduction, method: next.name, budget: fitBudget(next, kind, count), options });
  };
  const choose = (name: string) =>
    change(
      model.methods.find((candidate) => candidate.name === name),
      last.current.kind,
      rows,
    );
  const counted = method?.budgets.some((kind) => kind === "exact" || kind === "cap");
  const sizeBias = reduction.options.sizeBias ?? method?.sizeBias;
  const capped = budget.kind === "cap" || budget.kind === "rule";
  return (
    <div class="controls">
      <div class="field">
        <label for={ids.method}>Method</label>
        <select
          id={ids.method}
          aria-describedby={ids.hint}
          value={reduction.method}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {model.methods.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <p id={ids.hint} class="hint">
          {method?.description}
        </p>
      </div>
      {counted && (
        <div class="field">
          <div class="field-head">
            <label for={ids.slider}>Visual tokens</label>
            {method?.budgets.includes("exact") && method.budgets.includes("cap") && (
              <ModeSwitch kind={capped ? "cap" : "exact"} onChange={(kind) => change(method, kind, rows)} />
            )}
            <output for={ids.slider}>{rows}</output>
          </div>
          <input
            id={ids.slider}
            type="range"
            min={0}
            max={stops.length - 1}
            step={1}
            value={nearestStop(stops, rows)}
            aria-valuetext={`${capped ? "at most" : "exactly"} ${rows} visual tokens`}
            onInput={(event) => change(method, budget.kind, stops[Number(event.currentTarget.value)]!)}
          />
        </div>
      )}
      {reduces(reduction) && model.positions.length > 1 && (
        <PositionChoice
          choices={model.positions}
          chosen={reduction.positions}
          onChange={(positions) => onChange({ ...reduction, positions })}
        />
      )}
      {model.rowBias && typeof sizeBias === "boolean" && (
        <SizeBiasChoice
          on={sizeBias}
          onChange={(on) =>
            onChange({ ...reduction, options: on === method?.sizeBias ? {} : { sizeBias: on } })
          }
        />
      )}
    </div>
  );
}

const modes = [
  ["cap", "at most"],
  ["exact", "exactly"],
] as const;

type Counted = (typeof modes)[number][0];

function ModeSwitch({ kind, onChange }: { readonly kind: Counted; onChange(kind: Counted): void }) {
  const name = useId();
  return (
    <fieldset class="switch">
      <legend class="visually-hidden">How the number is meant</legend>
      {modes.map(([mode, label]) => (
        <label key={mode}>
          <input type="radio" name={name} checked={kind === mode} onChange={() => onChange(mode)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
