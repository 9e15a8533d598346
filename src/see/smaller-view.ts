import { resizePlanes } from "../image/resize-planes.js";
import type { TowerInput } from "../runtime/engine.js";

/**
 * A view that holds no more than a smaller one would: scaled down to a share of its pixels, and back.
 *
 * @param share above 0, at most 1; the sides are rounded
 */
export function smallerView(view: TowerInput, share: number): TowerInput {
  const { height, width } = view;
  const side = (length: number) => Math.max(1, Math.round(length * Math.sqrt(share)));
  const smaller = (data: Float32Array) =>
    resizePlanes(resizePlanes({ data, height, width }, side(height), side(width)), height, width).data;
  const { data, following } = view;
  return { ...view, data: smaller(data), ...(following && { following: following.map(smaller) }) };
}
