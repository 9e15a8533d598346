import { PrumergeError } from "../errors.js";
import type { RunFamily } from "../families/family.js";
import type { View } from "../image/index.js";
import type { ModelSpec } from "../models/spec.js";
import type { TowerInput } from "../runtime/engine.js";

/**
 * A view as the tower of a converted folder takes it.
 *
 * @throws PrumergeError INVALID_TENSOR for a mask that the family's tower does not take, or that is no mask of the view
 */
export function towerInput(family: RunFamily, view: View, spec: ModelSpec): TowerInput {
  const input = pixelsAlone(family, view);
  const feeds = family.feeds?.(view, spec);
  return feeds === undefined ? input : { ...input, feeds };
}

/**
 * A view for the encoder of another program, before it is laid out as that takes it.
 *
 * @throws PrumergeError INVALID_TENSOR as {@link towerInput}
 */
export function pixelsAlone(family: RunFamily, view: View): TowerInput {
  const { data, height, width, mask, following } = view;
  if (mask !== undefined && (family.feeds === undefined || mask.length !== height * width)) {
    throw new PrumergeError("INVALID_TENSOR", "this model's tower takes no such mask", {
      where: "mask",
      expected: family.feeds === undefined ? "views without a mask" : `${height * width} pixels`,
      found: `${mask.length} pixels`,
    });
  }
  return { ...{ data, height, width }, ...(following !== undefined && { following }) };
}

/** What lays a view's pixels out, as they may have been scaled, for the encoder of another program; undefined where they are fed as they are. */
export function layOut(
  { exported }: RunFamily,
  { mask }: View,
  spec: ModelSpec,
): ((input: TowerInput) => TowerInput) | undefined {
  if (exported === undefined) return undefined;
  return (input) => ({
    ...input,
    inputs: exported.inputs({ ...input, ...(mask !== undefined && { mask }) }, spec),
  });
}
