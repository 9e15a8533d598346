import type { Value } from "../../onnx/builder.js";
import {
  add,
  cast,
  concat,
  div,
  filledLike,
  gatherRows,
  ints,
  matMul,
  max,
  min,
  mul,
  reduce,
  scalar,
  scatterElements,
  slice,
  sqrt,
  topK,
  transpose,
  unsqueeze,
  where,
} from "../../onnx/ops/index.js";
import type { Selection } from "./select.js";
import type { SettingValues } from "./settings.js";

/** Below every cosine: keeps a patch from being its own neighbour. */
const notItself = -9;
/** Shorter keys are divided by this, as torch's `normalize` does. */
const shortestKey = 1e-12;

/**
 * The dense merge weights W [B, rows, N] (docs/reduction-settings.md, section 4): one row per kept patch with weight 1
 * on itself and a_j on its nearest neighbours by cosine of keys (equal ones by lowest index), then the global token's
 * row, a_j on everything left out.
 *
 * @param attention a [B, N]
 * @param keys of the patches alone, [B, N, C]
 */
export function mergeWeights(
  attention: Value,
  keys: Value,
  { selected, kept, rows }: Selection,
  { neighbours, globalToken }: Pick<SettingValues, "neighbours" | "globalToken">,
): Value {
  const { graph } = attention;
  const patches = attention.shape[1] as number;
  const float = (value: number) => scalar(graph, "float32", value);
  const start = ints(graph, [0]);

  // One row more than is kept, cut off again below: TopK over no rows ends the process in ONNX Runtime 1.30.
  const spare = filledLike(slice(attention, 1, 0, 1, 1), scalar(graph, "int64", 0));
  const centres = concat([kept, spare], 1);
  const own = unsqueeze(centres, 2);
  const unit = normalise(keys);
  const similarity = matMul(gatherRows(unit, centres), transpose(unit, [0, 2, 1]));
  const others = scatterElements(similarity, own, filledLike(own, float(notItself)), 2);
  const k = min(neighbours, scalar(graph, "int64", patches - 1));
  const [, near] = topK(others, unsqueeze(k, 0), "neighbours");

  const isNear = scatterElements(filledLike(similarity, float(0)), near, filledLike(near, float(1)), 2);
  const weighted = mul(isNear, unsqueeze(attention, 1));
  const centred = scatterElements(weighted, own, filledLike(own, float(1)), 2);
  const merged = slice(centred, 1, start, rows, "kept");

  const leftOut = unsqueeze(where(selected, float(0), attention), 1);
  const total = add(rows, cast(globalToken, "int64"));
  return slice(concat([merged, leftOut], 1), 1, start, total, "tokens");
}

function normalise(keys: Value): Value {
  const length = sqrt(reduce("ReduceSum", mul(keys, keys), 2, true));
  return div(keys, max(length, scalar(keys.graph, "float32", shortestKey)));
}
