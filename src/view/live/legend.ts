import type { Inspection } from "../inspection.js";
import { rampColour } from "../palette.js";
import { attentionName, composition, viewCounts } from "../summary.js";
import { escapeText } from "../svg.js";

/** What the colours over a picture mean, as HTML; of kept patches also how many each view has. */
export function legendHtml(inspection: Inspection, layer: "kept" | "attention" | "merged"): string {
  if (layer === "kept") {
    const kinds = composition(inspection).map(
      ({ kind, text }) => `<li class="kind-${kind}">${escapeText(text)}</li>`,
    );
    const views = viewCounts(inspection).map((text) => `<li>${escapeText(text)}</li>`);
    const counts =
      views.length === 0
        ? ""
        : `<ul class="views" aria-label="Visual tokens of each view">${views.join("")}</ul>`;
    return `<ul class="legend">${kinds.join("")}</ul>${counts}`;
  }
  const words =
    layer === "attention"
      ? `${attentionName(inspection)}, least to most (logarithmic)`
      : "visual tokens that a patch was merged into, none to most";
  const steps = Array.from(
    { length: 50 },
    (_, i) => `<rect x="${i * 2}" width="2.2" height="10" fill="${rampColour(i / 49)}"/>`,
  );
  return `<p class="legend"><svg class="ramp" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${steps.join("")}</svg>${escapeText(words)}</p>`;
}
