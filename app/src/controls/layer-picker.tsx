import { useId } from "preact/hooks";
import type { StageLayer } from "../stage/stage-view.js";

const layers: readonly (readonly [StageLayer, string])[] = [
  ["kept", "Kept"],
  ["attention", "Attention"],
  ["merged", "Merged"],
  ["none", "Picture"],
];

/** What is drawn over the picture. */
export function LayerPicker({
  layer,
  onChange,
}: {
  readonly layer: StageLayer;
  onChange(layer: StageLayer): void;
}) {
  const name = useId();
  return (
    <fieldset class="switch">
      <legend class="visually-hidden">What is drawn over the picture</legend>
      {layers.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name={name} checked={layer === value} onChange={() => onChange(value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
