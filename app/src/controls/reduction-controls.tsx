import { useId, useRef } from "preact/hooks";
import { type MethodInfo, type ModelInfo, type Reduction, reduces } from "../backend/model-backend.js";
import type { PictureCounts } from "../state/picture-counts.js";
import { BudgetField } from "./budget-field.js";
import { fitBudget, rowsOf } from "./fit-budget.js";
import { fitOptions } from "./fit-options.js";
import { PositionChoice } from "./position-choice.js";
import { SizeBiasChoice } from "./size-bias-choice.js";

interface Props {
  readonly model: ModelInfo;
  /** Of the picture that is drawn; undefined while nothing is known of it. */
  readonly counts: PictureCounts | undefined;
  readonly reduction: Reduction;
  onChange(reduction: Reduction): void;
}

/** Which method, how many visual tokens, and what the language model is told of them. */
export function ReductionControls({ model, counts, reduction, onChange }: Props) {
  const ids = { method: useId(), hint: useId() };
  const { budget } = reduction;
  const method = model.methods.find(({ name }) => name === reduction.method);
  // A method that takes no count does not forget what the others had.
  const last = useRef(budget);
  if (budget.kind !== "all" && budget.kind !== "rule") last.current = budget;
  const change = (next: MethodInfo | undefined, changed: Reduction["budget"]) => {
    if (next === undefined) return;
    const options = next === method ? reduction.options : fitOptions(next, model);
    onChange({ ...reduction, method: next.name, budget: changed, options });
  };
  const choose = (name: string) => {
    const next = model.methods.find((candidate) => candidate.name === name);
    const { kind } = last.current;
    if (next === undefined) return;
    const same = kind === "share" && next.budgets.includes(kind);
    change(next, same ? last.current : fitBudget(next, kind, rowsOf(last.current, counts) ?? 144, counts));
  };
  const counted = method?.budgets.some((kind) => kind === "exact" || kind === "cap" || kind === "share");
  const sizeBias = reduction.options.sizeBias ?? method?.sizeBias;
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
      {counted && method !== undefined && (
        <BudgetField
          method={method}
          budget={last.current}
          counts={counts}
          onChange={(changed) => change(method, changed)}
        />
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
