import { PrumergeError } from "../errors.js";
import type { RunFamily } from "../families/family.js";
import type { View } from "../image/index.js";
import type { ModelSpec } from "../models/spec.js";
import type { TowerInput } from "../runtime/engine.js";

/**
 * A view as the tower takes it.
 *
 * @throws PrumergeError INVALID_TENSOR for a mask that the family's tower does not take, or that is no mask of the view
 */
export function towerInput(family: RunFamily, view: View, spec: ModelSpec): TowerInput {
  const { data, height, width, mask, following } = view;
  if (mask !== undefined && (family.feeds === undefined || mask.length !== height * width)) {
    throw new PrumergeError("INVALID_TENSOR", "this model's tower takes no such mask", {
      where: "mask",
      expected: family.feeds === undefined ? "views without a mask" : `${height * width} pixels`,
      found: `${mask.length} pixels`,
    });
  }
  const feeds = family.feeds?.(view, spec);
  return {
    ...{ data, height, width },
    ...(following !== undefined && { following }),
    ...(feeds !== undefined && { feeds }),
  };
}
