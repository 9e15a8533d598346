import type { Value } from "../../onnx/builder.js";
import { cast, filledLike, scalar, scatterElements, sizeOf, unsqueeze } from "../../onnx/ops/index.js";
import type { Selection } from "./select.js";

/**
 * A selection that was made elsewhere.
 *
 * @param attention a [1, N]
 * @param kept int64 [R], distinct patches in the order of the rows
 */
export function givenPatches(attention: Value, kept: Value): Selection {
  const rows = unsqueeze(kept, 0);
  const float = (value: number) => scalar(attention.graph, "float32", value);
  const mask = scatterElements(filledLike(attention, float(0)), rows, filledLike(rows, float(1)), 1);
  return { selected: cast(mask, "bool"), kept: rows, rows: sizeOf(kept, 0) };
}
