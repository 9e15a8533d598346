import type { Value } from "../../onnx/builder.js";
import { add, cast, greater, mul, reduce, scalar, slice, sub } from "../../onnx/ops/index.js";

/**
 * Outliers of the class attention, per picture: m = count(a > Q3 + factor (Q3 - Q1)), percentiles by numpy's linear
 * rule, every step in float32 (docs/reduction-settings.md, section 2).
 *
 * @param attention a [B, N]
 * @param descending a sorted, largest first [B, N]
 * @returns int64 [B, 1]
 */
export function countOutliers(attention: Value, descending: Value, iqrFactor: Value): Value {
  const lower = percentile(descending, 0.25);
  const upper = percentile(descending, 0.75);
  const fence = add(upper, mul(iqrFactor, sub(upper, lower)));
  return reduce("ReduceSum", cast(greater(attention, fence), "int64"), 1, true);
}

/** numpy's `percentile(a, 100 p)` with both branches of its interpolation, [B, 1]. */
function percentile(descending: Value, p: number): Value {
  const patches = descending.shape[1] as number;
  const position = p * (patches - 1);
  const low = Math.floor(position);
  const t = position - low;
  const ascending = (index: number) => slice(descending, 1, patches - 1 - index, patches - index, 1);
  const below = ascending(low);
  const above = ascending(Math.min(low + 1, patches - 1));
  const times = (value: number) => mul(sub(above, below), scalar(descending.graph, "float32", value));
  return t < 0.5 ? add(below, times(t)) : sub(above, times(1 - t));
}
