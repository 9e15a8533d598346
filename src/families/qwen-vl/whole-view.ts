import { PrumergeError } from "../../errors.js";
import { framesTogether } from "../../image/native-video-size.js";
import type { NativeTowerSpec } from "../../models/spec.js";
import type { Grid } from "../../reduce/sites.js";
import type { LaidOutView } from "../export-door.js";

/**
 * The grid of a view's merged tokens.
 *
 * @throws PrumergeError INVALID_TENSOR for another size, a mask, and more frames than the tower takes together
 */
export function wholeView(
  { height, width, mask, following = [] }: Omit<LaidOutView, "data">,
  { patchSize, mergeSize }: NativeTowerSpec,
): Grid {
  const unit = patchSize * mergeSize;
  if (mask === undefined && following.length < framesTogether && height % unit === 0 && width % unit === 0)
    return { rows: height / unit, columns: width / unit };
  throw new PrumergeError("INVALID_TENSOR", "this model's tower takes no such view", {
    expected: `sides in multiples of ${unit}, no mask, and at most ${framesTogether} frames`,
    found: `${width} x ${height}${mask === undefined ? "" : " with a mask"}, ${following.length + 1} frames`,
  });
}
