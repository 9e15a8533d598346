import { PrumergeError } from "../errors.js";
import type { Matrix } from "../tensor/matrix.js";
import type { Grid } from "./sites.js";

/** What a reducer may read about one picture, or one view of it. N patches in raster order, C tower width, D language width. */
export interface Signals {
  /** Patch grid; rows * columns = N. Of several frames the grids one below another, in the order of time. */
  readonly grid: Grid;
  /**
   * Of a video whose frames are read at once: how many there are, `grid.rows` / frames lines of the grid each. Then no class token
   * is among the keys, there are no queries, and the attention in `classAttention`, `headAttention` and those of `layers` is each frame's
   * own. Left out: a picture, a view of it, or one frame.
   */
  readonly frames?: number;
  /** Features of the patches at the feature layer, [N, C]. */
  readonly patches: Matrix;
  /** Key projections of the tower's last layer, heads concatenated: [N + 1, C], class token first, or [N, C] without one. */
  readonly keys: Matrix;
  /** Query projections of the last layer: the class token's, [1, C], or without a class token all, [N, C]. */
  readonly queries: Matrix;
  readonly classToken: boolean;
  /** Attention heads of the last layer, for per-head attention. */
  readonly heads: number;
  /**
   * [N] where the tower's graph computed it already: the class token's attention to each patch, or without a class token the
   * attention that each patch receives, the mean over all queries. See {@link classAttention}.
   */
  readonly classAttention?: Float32Array;
  /**
   * [N] where a patch here stands for a block of the tower's, whose keys and queries are means over it: the attention that
   * the block's patches receive, the mean over the tower's heads, all queries and the block. Read instead of them.
   */
  readonly headAttention?: Float32Array;
  /** Keys and queries of layers before the last, by their number, -2 and below; those that the reducer's `need` names. */
  readonly layers?: Readonly<Record<number, EarlierLayer>>;
  /** The patches after the projector, [N, D]; only for reducers whose `need` says so. */
  readonly projected?: Matrix;
  /** [N], how much each patch has to do with the question, larger is more; only for reducers whose `need` says so. */
  readonly relevance?: Float32Array;
  /** The class token at the feature layer, [1, C]; only for reducers whose `need` says so, where the tower has one. */
  readonly classFeatures?: Matrix;
}

/** A layer before the last: projections of every token that it reads, class token first where there is one. */
export interface EarlierLayer {
  /** Heads concatenated: [N + 1, C], or [N, C] without a class token. */
  readonly keys: Matrix;
  /** Of the same shape. */
  readonly queries: Matrix;
  /** As {@link Signals.headAttention}, of this layer. */
  readonly headAttention?: Float32Array;
}

/** Keys and queries of the last layer. */
export type LastLayer = Pick<Signals, "keys" | "queries" | "classAttention" | "headAttention">;

/**
 * Signals of which those of the last layer may be missing: reading them is refused then.
 *
 * @param last undefined where the reducer's `need` leaves them out
 */
export function gatherSignals(others: Omit<Signals, keyof LastLayer>, last: LastLayer | undefined): Signals {
  if (last !== undefined) return { ...others, ...last };
  return Object.defineProperties({ ...others } as Signals, {
    keys: { get: () => refuse("keys") },
    queries: { get: () => refuse("queries") },
  });
}

/** Keys, queries and class attention of the last layer, where they were gathered. */
export function lastLayer(signals: Signals): LastLayer | undefined {
  // What is refused is no property to enumerate.
  if (!Object.keys(signals).includes("keys")) return undefined;
  const { keys, queries, classAttention, headAttention } = signals;
  return {
    keys,
    queries,
    ...(classAttention !== undefined && { classAttention }),
    ...(headAttention !== undefined && { headAttention }),
  };
}

/**
 * A layer before the last.
 *
 * @throws PrumergeError INVALID_TENSOR where it was not gathered
 */
export function earlierLayer({ layers }: Signals, layer: number): EarlierLayer {
  return layers?.[layer] ?? refuse(`layers[${layer}]`, layer);
}

function refuse(name: string, layer = -1): never {
  throw new PrumergeError("INVALID_TENSOR", "a reducer reads what it did not ask for", {
    where: name,
    expected: `need: { layers: [${layer}] } on the reducer`,
    found: "a need without it",
  });
}
