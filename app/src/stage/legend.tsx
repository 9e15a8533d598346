import { attentionName, composition, type Inspection, rampColour, viewCounts } from "prumerge/drawing";
import type { StageLayer } from "./stage-view.js";

/** What the colours over the picture mean. */
export function Legend({
  inspection,
  layer,
}: {
  readonly inspection: Inspection;
  readonly layer: StageLayer;
}) {
  if (layer === "none") return null;
  if (layer === "kept") {
    const views = viewCounts(inspection);
    return (
      <>
        <ul class="legend">
          {composition(inspection).map(({ kind, text }) => (
            <li key={kind} class={`kind-${kind}`}>
              {text}
            </li>
          ))}
        </ul>
        {views.length > 0 && (
          <ul class="views" aria-label="Visual tokens of each view">
            {views.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
      </>
    );
  }
  return (
    <p class="legend">
      <svg class="ramp" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: 50 }, (_, i) => (
          <rect key={i} x={i * 2} width="2.2" height="10" fill={rampColour(i / 49)} />
        ))}
      </svg>
      {layer === "attention"
        ? `${attentionName(inspection)}, least to most (logarithmic)`
        : "visual tokens that a patch was merged into, none to most"}
    </p>
  );
}
