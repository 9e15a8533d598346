import { useId, useMemo } from "preact/hooks";
import type { ModelInfo, Reduction } from "../backend/model-backend.js";
import { nearestStop, tokenStops } from "./token-stops.js";

interface Props {
  readonly model: ModelInfo;
  readonly reduction: Reduction;
  onChange(change: Partial<Reduction>): void;
}

/** Which method, and how many visual tokens. */
export function ReductionControls({ model, reduction, onChange }: Props) {
  const ids = { method: useId(), slider: useId(), hint: useId() };
  const method = model.methods.find(({ name }) => name === reduction.method);
  const stops = useMemo(() => tokenStops(model.unreducedTokens, model.leadingTokens), [model]);
  const at = nearestStop(stops, reduction.count);
  const choose = (name: string) => {
    const next = model.methods.find((candidate) => candidate.name === name);
    if (next === undefined) return;
    onChange({ method: name, mode: next.adaptive && !next.needsCount ? reduction.mode : "exact" });
  };
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
      {reduction.method !== "none" && (
        <div class="field">
          <div class="field-head">
            <label for={ids.slider}>Visual tokens</label>
            {method?.adaptive && <ModeSwitch reduction={reduction} onChange={onChange} />}
            <output for={ids.slider}>{reduction.count}</output>
          </div>
          <input
            id={ids.slider}
            type="range"
            min={0}
            max={stops.length - 1}
            step={1}
            value={at}
            aria-valuetext={`${reduction.mode === "adaptive" ? "at most" : "exactly"} ${reduction.count} visual tokens`}
            onInput={(event) => onChange({ count: stops[Number(event.currentTarget.value)]! })}
          />
        </div>
      )}
    </div>
  );
}

const modes = [
  ["adaptive", "at most"],
  ["exact", "exactly"],
] as const;

function ModeSwitch({ reduction, onChange }: Pick<Props, "reduction" | "onChange">) {
  const name = useId();
  return (
    <fieldset class="switch">
      <legend class="visually-hidden">How the number is meant</legend>
      {modes.map(([mode, label]) => (
        <label key={mode}>
          <input
            type="radio"
            name={name}
            checked={reduction.mode === mode}
            onChange={() => onChange({ mode })}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
