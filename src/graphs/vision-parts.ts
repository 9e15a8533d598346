import type { SquareModelSpec } from "../models/spec.js";
import type { Value } from "../onnx/builder.js";
import type { GraphWeights } from "./weights.js";

/** A projector: float32 [..., C] -> [..., D]. */
export type Projector = (tokens: Value, spec: SquareModelSpec, weights: GraphWeights) => Value;

/**
 * Makes one row of the language model's width of each block of patches: what is reduced, and handed on, are these rows.
 * float32 [B, n, C] at the feature layer -> [B, N, D], raster order.
 */
export type Merger = (hidden: Value, spec: SquareModelSpec, weights: GraphWeights) => Value;

/** What a family may have instead of LLaVA's, or beside it. */
export interface VisionParts {
  /** Default: LLaVA's, of two layers. */
  readonly projector?: Projector;
  /** What makes rows of blocks of patches, in the place of a projector; default: each patch is a row. */
  readonly merger?: Merger;
  /** Whether the tower takes views that are partly filled up, and is told which patches show the picture; default false. */
  readonly partial?: boolean;
  /** Whether the learned vector at the end of each line of tiles is an output; default false. */
  readonly newline?: boolean;
  /** Layers before the last whose keys and queries are outputs, where the tower has them: -2 and below. Default: none. */
  readonly layers?: readonly number[];
}
