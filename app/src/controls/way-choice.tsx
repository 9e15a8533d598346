import { useId } from "preact/hooks";
import type { ModelInfo, ShownWay } from "../backend/model-backend.js";

interface Props {
  readonly ways: ModelInfo["ways"];
  readonly way: ShownWay;
  onChange(way: ShownWay): void;
}

const viewLabels = [
  ["all", "with its tiles"],
  ["base", "the whole alone"],
] as const;

/** How the model is shown a picture: in tiles or as a whole, or of how many pixels. Nothing where that is no choice. */
export function WayChoice({ ways, way, onChange }: Props) {
  const ids = { views: useId(), hint: useId() };
  if (!ways.tiles && ways.area === undefined) return null;
  return (
    <div class="controls">
      {ways.tiles && (
        <fieldset class="field">
          <legend>Picture</legend>
          <div class="switch">
            {viewLabels.map(([views, label]) => (
              <label key={views}>
                <input
                  type="radio"
                  name={ids.views}
                  checked={(way.views ?? "all") === views}
                  onChange={() => onChange({ ...way, views })}
                />
                <span>{label}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {ways.area !== undefined && (
        <fieldset class="field pixels" aria-describedby={ids.hint}>
          <legend>Pixels</legend>
          <PixelField
            label="at least"
            value={way.minPixels}
            usual={ways.area.min}
            onChange={(pixels) => onChange(withPixels(way, "minPixels", pixels))}
          />
          <PixelField
            label="at most"
            value={way.maxPixels}
            usual={ways.area.max}
            onChange={(pixels) => onChange(withPixels(way, "maxPixels", pixels))}
          />
          <p id={ids.hint} class="hint">
            A smaller picture is fewer visual tokens before any is left out.
          </p>
        </fieldset>
      )}
    </div>
  );
}

function withPixels(way: ShownWay, name: "minPixels" | "maxPixels", pixels: number | undefined): ShownWay {
  const { [name]: _, ...others } = way;
  return pixels === undefined ? others : { ...others, [name]: pixels };
}

function PixelField(props: {
  readonly label: string;
  readonly value: number | undefined;
  readonly usual: number;
  onChange(pixels: number | undefined): void;
}) {
  return (
    <label>
      {props.label}
      <input
        type="number"
        min={1}
        max={100_000_000}
        step={1}
        placeholder={String(props.usual)}
        value={props.value ?? ""}
        onChange={(event) => {
          const { value, validity } = event.currentTarget;
          if (validity.valid) props.onChange(value === "" ? undefined : Number(value));
          else event.currentTarget.reportValidity();
        }}
      />
    </label>
  );
}
