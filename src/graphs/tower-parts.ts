import type { VisionTowerSpec } from "../models/spec.js";
import type { Value } from "../onnx/builder.js";
import { layerNormalization } from "../onnx/ops/index.js";
import { visionPrefix } from "./names.js";
import type { GraphWeights } from "./weights.js";

/** A tower and where its tensors are. */
export interface TowerParts {
  readonly vision: VisionTowerSpec;
  readonly weights: GraphWeights;
  /** What its tensors' names begin with; default: {@link visionPrefix}. */
  readonly prefix?: string;
  /** Of a tower whose layers look across the frames of a video first: how many there are. Default: it does not. */
  readonly frames?: number;
}

/** A linear layer with a bias, by its name within the tower. */
export function linear(
  x: Value,
  name: string,
  outSize: number,
  inSize: number,
  { weights, prefix = visionPrefix }: TowerParts,
): Value {
  const place = `${prefix}.${name}`;
  return weights.linear(x, `${place}.weight`, outSize, inSize, `${place}.bias`);
}

/** A norm, by its name within the tower. */
export function layerNorm(x: Value, name: string, parts: TowerParts): Value {
  const { vision, weights, prefix = visionPrefix } = parts;
  const parameter = (part: string) =>
    weights.tensor(x.graph, `${prefix}.${name}.${part}`, [vision.hiddenSize]);
  return layerNormalization(x, parameter("weight"), parameter("bias"), vision.layerNormEpsilon);
}
