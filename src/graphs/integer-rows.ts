import type { Value } from "../onnx/builder.js";
import { abs, div, max, mul, quantizeLinear, reduce, scalar } from "../onnx/ops/index.js";

/** The largest of a row's whole numbers. */
const most = 127;

/** Stands for 0, since the products of whole numbers that are fast take the rows as unsigned ones. */
const integerZero = 128;

/** A row of zeros alone has no largest number; this one keeps the division finite. */
const least = 1e-30;

/** Rows in 8 bits. */
export interface IntegerRows {
  /** uint8 [..., width]: {@link integerZero} and -127 to 127 */
  readonly whole: Value;
  readonly zero: Value;
  /** float32 [..., 1]: what stands for 1 in each row */
  readonly scale: Value;
}

/**
 * Rows as whole numbers, each with a scale of its own, as its largest number asks: a row's numbers depend on no other row, and a few large
 * ones of one row cost the others nothing.
 */
export function integerRows(x: Value): IntegerRows {
  const { graph } = x;
  const float = (value: number) => scalar(graph, "float32", value);
  const largest = max(reduce("ReduceMax", abs(x), -1, true), float(least));
  const zero = graph.constant("uint8", [], [integerZero]);
  return {
    whole: quantizeLinear(mul(x, div(float(most), largest)), zero),
    zero,
    scale: mul(largest, float(1 / most)),
  };
}
