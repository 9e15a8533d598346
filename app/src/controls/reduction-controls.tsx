import { useId } from "preact/hooks";
import { type ModelInfo, type Reduction, reduces } from "../backend/model-backend.js";
import { BudgetMode } from "./budget-mode.js";
import { PositionChoice } from "./position-choice.js";
import { SizeBiasChoice } from "./size-bias-choice.js";
import type { BudgetChoice } from "./use-budget.js";

interface Props {
  readonly model: ModelInfo;
  readonly choice: BudgetChoice;
  readonly reduction: Reduction;
  onChange(reduction: Reduction): void;
}

/** Which method, what its number means, and what the language model is told of the tokens. */
export function ReductionControls({ model, choice, reduction, onChange }: Props) {
  const ids = { method: useId(), hint: useId() };
  const { method, counted, chooseMethod } = choice;
  const sizeBias = reduction.options.sizeBias ?? method?.sizeBias;
  return (
    <div class="controls">
      <div class="field">
        <label for={ids.method}>Method</label>
        <select
          id={ids.method}
          aria-describedby={ids.hint}
          value={reduction.method}
          onChange={(event) => chooseMethod(event.currentTarget.value)}
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
      {counted !== undefined && <BudgetMode choice={choice} budget={counted} />}
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
