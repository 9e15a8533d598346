import type { Value } from "../builder.js";
import { broadcast, type Dim, normalizeAxis, sameShape, shapeError, showShape } from "../shape.js";

/** Batched matrix product; leading axes broadcast. */
export function matMul(a: Value, b: Value): Value {
  if (a.type !== b.type) throw shapeError("MatMul", "operands of one type", `${a.type} and ${b.type}`);
  if (a.shape.length < 2 || b.shape.length < 2 || a.shape.at(-1) !== b.shape.at(-2)) {
    throw shapeError("MatMul", "inner sizes that agree", `${showShape(a.shape)} and ${showShape(b.shape)}`);
  }
  const lead = broadcast("MatMul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return a.graph.node(
    "MatMul",
    [a, b],
    [{ type: a.type, shape: [...lead, a.shape.at(-2)!, b.shape.at(-1)!] }],
  )[0]!;
}

/**
 * Non-overlapping patches: stride equals the kernel's size. `weight` is [out, in, size, size]; of a picture of any size the
 * result's sides are called `patch rows` and `patch columns`.
 */
export function patchConvolution(x: Value, weight: Value, bias: Value | undefined): Value {
  const [batch, channels, height, width] = x.shape;
  const [out, inputs, size] = weight.shape as readonly number[];
  if (x.shape.length !== 4 || inputs !== channels) {
    throw shapeError(
      "Conv",
      "an NCHW picture that fits the kernel",
      `${showShape(x.shape)} and ${showShape(weight.shape)}`,
    );
  }
  const along = (side: Dim, name: string) => (typeof side === "number" ? Math.floor(side / size!) : name);
  const shape = [batch!, out!, along(height!, "patch rows"), along(width!, "patch columns")];
  const inputsOf = bias === undefined ? [x, weight] : [x, weight, bias];
  return x.graph.node("Conv", inputsOf, [{ type: x.type, shape }], {
    attributes: { strides: [size!, size!] },
  })[0]!;
}

export function softmax(x: Value, axis = -1): Value {
  return x.graph.node("Softmax", [x], [{ type: x.type, shape: x.shape }], { attributes: { axis } })[0]!;
}

export function layerNormalization(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  return x.graph.node("LayerNormalization", [x, scale, bias], [{ type: x.type, shape: x.shape }], {
    attributes,
  })[0]!;
}

/** RMS normalisation over the last axis (ONNX Runtime's name for it). */
export function rmsNormalization(x: Value, scale: Value, epsilon: number): Value {
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 };
  return x.graph.node("SimplifiedLayerNormalization", [x, scale], [{ type: x.type, shape: x.shape }], {
    attributes,
  })[0]!;
}

/** RMS normalisation of the sum `x + skip`: [normalised, sum] (ONNX Runtime's name for it). */
export function skipRmsNormalization(x: Value, skip: Value, scale: Value, epsilon: number): [Value, Value] {
  if (!sameShape(x.shape, skip.shape)) {
    const found = `${showShape(x.shape)} and ${showShape(skip.shape)}`;
    throw shapeError("SkipSimplifiedLayerNormalization", "two tensors of one shape", found);
  }
  const like = { type: x.type, shape: x.shape };
  const unused = { type: x.type, shape: [], unused: true } as const;
  const [normalized, , , sum] = x.graph.node(
    "SkipSimplifiedLayerNormalization",
    [x, skip, scale],
    [like, unused, unused, like],
    { domain: "com.microsoft", attributes: { epsilon: { float: epsilon } } },
  );
  return [normalized!, sum!];
}

/** `exact` is x Phi(x); `tanh` is the approximation that SigLIP uses. */
export function gelu(x: Value, approximate: "none" | "tanh" = "none"): Value {
  return x.graph.node("Gelu", [x], [{ type: x.type, shape: x.shape }], { attributes: { approximate } })[0]!;
}

/** x sigmoid(1.702 x), CLIP's activation. */
export const quickGelu = (x: Value): Value => scaledSigmoidUnit(x, 1.702);

/** x sigmoid(x), the activation of Llama's family. */
export const silu = (x: Value): Value => scaledSigmoidUnit(x, 1);

function scaledSigmoidUnit(x: Value, alpha: number): Value {
  const attributes = { alpha: { float: alpha } };
  return x.graph.node("QuickGelu", [x], [{ type: x.type, shape: x.shape }], {
    domain: "com.microsoft",
    attributes,
  })[0]!;
}

/** Operators that {@link reduce} takes. */
export type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin";

/** Reduces one axis; `keep` leaves it with size 1. */
export function reduce(kind: Reduction, x: Value, axis: number, keep = false): Value {
  const at = normalizeAxis(kind, axis, x.shape.length);
  const shape = keep ? x.shape.map((dim, i) => (i === at ? 1 : dim)) : x.shape.filter((_, i) => i !== at);
  const axes = x.graph.constant("int64", [1], [at]);
  return x.graph.node(kind, [x, axes], [{ type: x.type, shape }], {
    attributes: { keepdims: keep ? 1 : 0 },
  })[0]!;
}
