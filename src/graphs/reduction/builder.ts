import type { GraphBuilder, Value } from "../../onnx/builder.js";
import type { Grid } from "./select.js";

/** What a reduction reads of the tower; B pictures, N patches, T tower tokens, C wide, float32. */
export interface TowerSignals {
  /** Features at the feature layer, [B, N, C]. */
  readonly patches: Value;
  /** [B, T, C], class token first where there is one. */
  readonly keys: Value;
  /** [B, 1, C] of the class token, or [B, N, C] without one. Of blocks of patches keys and queries are means. */
  readonly queries: Value;
  /** a [B, N], where it is computed already: of blocks of patches, the mean over each of its patches' attention. */
  readonly attention?: Value;
  readonly classToken: boolean;
  readonly grid: Grid;
}

/** All that it can read. */
export interface ReductionInputs extends TowerSignals {
  /** Puts the patches through the projector, [B, N, D]; nothing is computed where it is not asked for. */
  projected(): Value;
}

/** What a reduction made. */
export interface Reduced {
  /** W X [B, tokens, C]. */
  readonly tokens: Value;
  /** int64 [B, kept] */
  readonly kept: Value;
  /** W [B, tokens, N] */
  readonly weights: Value;
  /** a [B, N] */
  readonly attention: Value;
}

/** A reduction as a part of vision graphs: the graph of a `ReductionProgram`. */
export interface ReductionBuilder {
  /** The program's. */
  readonly name: string;
  /** Adds the program's settings to the graph's inputs, and what they tell. */
  reduce(graph: GraphBuilder, inputs: ReductionInputs): Reduced;
}
