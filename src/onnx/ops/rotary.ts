import type { Value } from "../builder.js";
import { shapeError, showShape } from "../shape.js";

/**
 * Rotates each head's halves of `x` [batch, rows, heads * 2 * half] by tables [rows, half]; row i of every batch entry takes
 * row i of the tables (ONNX Runtime's RotaryEmbedding).
 */
export function rotaryEmbedding(x: Value, cos: Value, sin: Value): Value {
  const half = cos.shape[1];
  const hidden = x.shape[2];
  const fits = typeof half === "number" && typeof hidden === "number" && hidden % (2 * half) === 0;
  if (x.shape.length !== 3 || !fits || cos.shape[0] !== x.shape[1]) {
    const found = `${showShape(x.shape)} and ${showShape(cos.shape)}`;
    throw shapeError("RotaryEmbedding", "[batch, rows, heads * 2 * half] and [rows, half]", found);
  }
  const first = x.graph.constant("int64", [1], [0]);
  return x.graph.node("RotaryEmbedding", [x, first, cos, sin], [{ type: x.type, shape: x.shape }], {
    domain: "com.microsoft",
  })[0]!;
}
