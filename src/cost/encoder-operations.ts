import { type ModelGeometry, patchCount, takesSquares } from "./geometry.js";
import type { Operation } from "./operation.js";
import { rowsOfViews, type ShownPicture } from "./shown-picture.js";
import {
  mergerOperations,
  nativeTowerOperations,
  projectorOperations,
  reductionOperations,
  rowReductionOperations,
  towerOperations,
} from "./vision-operations.js";

/** What encoding a picture takes, and how many views of it. */
export interface EncoderOperations {
  readonly tower: readonly Operation[];
  /** Empty where nothing is reduced. */
  readonly reduction: readonly Operation[];
  readonly projector: readonly Operation[];
  readonly encodedViews: number;
}

/**
 * Every view is a run of the tower, but for those of which nothing is left. Blocks are merged before a reduction, patches
 * projected behind it.
 *
 * @param visualTokens fewer than the picture's: then a reduction is counted
 */
export function encoderOperations(
  model: ModelGeometry,
  picture: ShownPicture,
  visualTokens: number,
): EncoderOperations {
  const { vision, blockSide = 1, featureLayer, language } = model;
  const reduced = visualTokens < picture.unreducedTokens;
  const rows = rowsOfViews(picture, visualTokens);
  const encoded = rows.flatMap((count, view) => (count > 0 ? [{ count, sites: picture.views[view] }] : []));
  if (!takesSquares(vision)) {
    const [sites] = picture.views;
    const wide = vision.hiddenSize * vision.mergeSize ** 2;
    return {
      tower: nativeTowerOperations(vision, sites),
      reduction: reduced ? rowReductionOperations(language, sites, visualTokens) : [],
      projector: mergerOperations(wide, language, sites, 2),
      encodedViews: 1,
    };
  }
  const patches = patchCount(vision);
  const merged = blockSide > 1;
  const ofView = (count: number) => {
    if (merged)
      return mergerOperations(vision.hiddenSize * blockSide ** 2, language, patches / blockSide ** 2, 1);
    return projectorOperations(vision, language, reduced ? count : patches);
  };
  return {
    tower: encoded.flatMap(() => towerOperations(vision, featureLayer)),
    reduction: reduced ? encoded.flatMap(({ count }) => reductionOperations(vision, count)) : [],
    projector: encoded.flatMap(({ count }) => ofView(count)),
    encodedViews: encoded.length,
  };
}
