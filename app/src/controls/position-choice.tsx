import { useId } from "preact/hooks";
import type { Positions } from "prumerge/browser";
import { positionHints } from "../parts/position-words.js";
import { Explained } from "../words/explained.js";

interface Props {
  readonly choices: readonly Positions[];
  readonly chosen: Positions;
  onChange(positions: Positions): void;
}

/** Where the kept tokens stand in the prompt. */
export function PositionChoice({ choices, chosen, onChange }: Props) {
  const ids = { name: useId(), hint: useId() };
  return (
    <fieldset class="field" aria-describedby={ids.hint}>
      <legend>Positions</legend>
      <div class="switch">
        {choices.map((positions) => (
          <label key={positions}>
            <input
              type="radio"
              name={ids.name}
              checked={chosen === positions}
              onChange={() => onChange(positions)}
            />
            <span>{positions}</span>
          </label>
        ))}
      </div>
      <p id={ids.hint} class="hint">
        {positionHints[chosen]} <Explained word="position">What is a position?</Explained>
      </p>
    </fieldset>
  );
}
