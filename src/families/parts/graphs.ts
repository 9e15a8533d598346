import { buildProjector } from "../../graphs/projector.js";
import { builders } from "../../graphs/reduction/builders.js";
import { buildVision } from "../../graphs/vision.js";
import { buildVisionEncoder } from "../../graphs/vision-encoder.js";
import type { VisionParts } from "../../graphs/vision-parts.js";
import { placeTower } from "../../graphs/vision-tower.js";
import type { SquareModelSpec } from "../../models/spec.js";
import { earlierLayers } from "../../reduce/need.js";
import type { FamilyGraphs } from "../convert-family.js";

/**
 * The graphs of families with LLaVA's tower: CLIP's or SigLIP's, the reduction, a projector.
 *
 * @param parts what they have instead of LLaVA's, or beside it
 * @param options `fixedCount`: every picture has the same number of visual tokens, so that other programs get an encoder
 */
export function towerGraphs(
  parts: VisionParts,
  { fixedCount }: { readonly fixedCount: boolean },
): FamilyGraphs<SquareModelSpec> {
  return {
    reductions: builders,
    vision: (spec, weights, reduction) =>
      buildVision(spec, weights, { layers: earlierLayers, ...parts }, reduction),
    projector: (spec, weights) => buildProjector(spec, weights, parts),
    ...(fixedCount && {
      encoder: (spec: SquareModelSpec, weights, tokens) =>
        buildVisionEncoder(spec, weights, { tokens, ...parts }),
    }),
    tower: ({ vision }, weights) => placeTower({ vision, weights }),
  };
}
