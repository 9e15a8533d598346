import type { Value } from "../builder.js";
import { sameShape, shapeError, showShape } from "../shape.js";

/**
 * Rotates each head's halves of `x` [batch, rows, heads * 2 * half] by tables [n, half] (ONNX Runtime's RotaryEmbedding).
 *
 * @param tableRows int64 [batch, rows], the tables' row for each row of `x`; default: row i takes row i, in every batch
 * entry, and there are as many
 */
export function rotaryEmbedding(x: Value, cos: Value, sin: Value, tableRows?: Value): Value {
  const half = cos.shape[1];
  const hidden = x.shape[2];
  const fits = typeof half === "number" && typeof hidden === "number" && hidden % (2 * half) === 0;
  const rows =
    tableRows === undefined ? cos.shape[0] === x.shape[1] : sameShape(tableRows.shape, x.shape.slice(0, 2));
  if (x.shape.length !== 3 || !fits || !rows) {
    const found = `${showShape(x.shape)} and ${showShape(cos.shape)}`;
    throw shapeError("RotaryEmbedding", "[batch, rows, heads * 2 * half] and [rows, half]", found);
  }
  const at = tableRows ?? x.graph.constant("int64", [1], [0]);
  return x.graph.node("RotaryEmbedding", [x, at, cos, sin], [{ type: x.type, shape: x.shape }], {
    domain: "com.microsoft",
  })[0]!;
}
