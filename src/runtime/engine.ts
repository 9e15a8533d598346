import type { EncoderInput, TowerFeed } from "../graphs/tower-feed.js";
import type { CacheForm } from "../models/cache-forms.js";
import type { Dtype } from "../models/dtypes.js";
import type { GraphReduction } from "../reduce/graph-program.js";
import type { EarlierLayer, LastLayer } from "../reduce/signals.js";
import type { Matrix } from "../tensor/matrix.js";

/** A key/value cache held where the sessions are. */
export type CacheId = number;

/** One view of a picture, or a frame of a video: float32 [3, height, width], normalised. */
export interface TowerInput {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  /**
   * Frames that follow this one, of its size: what a tower for videos sees at once, none where that sees them one by one. Left
   * out: a view for the tower that sees pictures.
   */
  readonly following?: readonly Float32Array[];
  /** What the graph takes beside the pixels, by its inputs' names; left out: nothing. */
  readonly feeds?: Readonly<Record<string, TowerFeed>>;
  /** All that an encoder of another program takes of the view, {@link following} included; left out: {@link data}, as it is. */
  readonly inputs?: readonly EncoderInput[];
}

/**
 * What a vision graph can do: reduce as it is told (ours; `others` names the reductions whose graphs are there beside the first,
 * left out: none), only encode (folders of other exporters: rows of the language model, and nothing of the tower), or give every picture
 * the same number of visual tokens by a reduction that is baked in and takes no settings.
 */
export type VisionAbility =
  | { readonly kind: "reduces"; readonly others?: readonly string[] }
  | { readonly kind: "encodes" }
  | { readonly kind: "baked"; readonly tokens: number };

/** What a vision run hands back beside the visual tokens; default: nothing, and nothing else is copied. */
export interface VisionWish {
  readonly mergeWeights?: boolean;
  readonly patches?: boolean;
  /**
   * Layers of the tower whose keys and queries are wanted, counted from the last, -1; with that one, the attention of its class
   * token, or that its patches receive. A layer that the graph does not show is refused by its number.
   */
  readonly layers?: readonly number[];
  readonly classFeatures?: boolean;
  /** Every layer that the graph shows, and the class token where there is one: those that are asked for are refused otherwise. */
  readonly everyLayer?: boolean;
  readonly newline?: boolean;
}

/** Of frames that were seen at once all have their rows in each matrix, one frame after another. */
export interface VisionRun {
  /** [R, D], what the language model gets. */
  readonly features: Matrix;
  /** Patches that the rows stand on, without the global token; none where a baked reduction does not tell. */
  readonly keptPatches: Int32Array;
  /** Dense W [R, N]; only where `mergeWeights` was asked for. */
  readonly mergeWeights?: Matrix;
  /** [N, C] at the feature layer; only where they were asked for. */
  readonly patches?: Matrix;
  /** Only where layer -1 was asked for. */
  readonly lastLayer?: LastLayer;
  /** The layers before it that were asked for. */
  readonly layers?: Readonly<Record<number, EarlierLayer>>;
  /** The class token at the feature layer, [1, C]; only where it was asked for, and the tower has one. */
  readonly classFeatures?: Matrix;
  /** [D], the separator behind a row of patches; only where `newline` was asked for. */
  readonly newline?: Float32Array;
  readonly milliseconds: number;
  /** True where this is an earlier run's result, which took those milliseconds then. */
  readonly remembered?: boolean;
}

/**
 * Where a row stands: one number, which stands for the same on every axis as in text, or three coordinates where the model's
 * positions have those.
 */
export type Position = number | readonly [number, number, number];

/** What rows of the language model's input carry beside their numbers. */
export interface RowPlaces {
  /**
   * A position for each row, 0 or more, in any order, equal ones too: what its query and key are rotated by. Which rows a
   * row attends to follows from their order alone. Default: on from the largest position of the cache.
   */
  readonly positions?: readonly Position[];
  /** For each row, what its key adds to every attention score, that of later rows too. Default: 0. */
  readonly bias?: Float32Array;
}

/** Which {@link RowPlaces} a decoder takes. */
export interface RowAbility {
  /** Whether rows may stand elsewhere than at the position that follows from the cache's length. */
  readonly positions: boolean;
  readonly bias: boolean;
  /** How many coordinates a position has, 1 or 3; default 1. */
  readonly axes?: number;
}

export interface ForwardRun {
  /** [V], of the last row. */
  readonly logits: Float32Array;
  readonly milliseconds: number;
}

/** Rows that a graph made. */
export interface RowsRun extends Matrix {
  /** Of the run itself; undefined where an engine does not tell. */
  readonly milliseconds?: number;
}

/** What key/value caches take, in bytes. */
export interface CacheMemory {
  /** Keys and values of the tokens held: tokens x layers x 2 x key/value heads x head width x 4,
   * or in 8 bits x 1 and 4 for the scale of each row and head. */
  readonly usedBytes: number;
  /** What is allocated for them, room to grow included. */
  readonly allocatedBytes: number;
}

/**
 * The sessions of one model folder, in this thread or in a worker. Runs are carried out one after another; typed
 * arrays handed in are copied, not kept. `cacheLength` is counted in tokens. A signal takes a run back that waits for
 * its turn, which then fails with the signal's reason; one that has begun is finished. `milliseconds` are of the run itself, without
 * the wait for its turn or for its session to open.
 */
export interface Engine {
  /** What the vision graph can do. */
  readonly vision: VisionAbility;
  /** How keys and values are held; default `fp32`. */
  readonly cacheForm?: CacheForm;
  /** Of the weights that prompts are multiplied by, where these are others than those of tokens. */
  readonly prefillDtype?: Dtype;
  see(
    view: TowerInput,
    reduction: GraphReduction,
    want?: VisionWish,
    signal?: AbortSignal,
  ): Promise<VisionRun>;
  /** Projector alone, for methods planned in TypeScript: [R, C] -> [R, D]. */
  project(tokens: Matrix, signal?: AbortSignal): Promise<RowsRun>;
  embed(ids: readonly number[], signal?: AbortSignal): Promise<RowsRun>;
  createCache(): Promise<CacheId>;
  /** A copy of all tokens, or of the first `length`, that shares nothing with the original. */
  forkCache(cache: CacheId, length?: number): Promise<CacheId>;
  /** Forgets everything after the first `length` tokens; costs nothing. */
  truncateCache(cache: CacheId, length: number): Promise<void>;
  releaseCache(cache: CacheId): Promise<void>;
  cacheLength(cache: CacheId): Promise<number>;
  /** Memory of one cache, or of all of them together. */
  cacheMemory(cache?: CacheId): Promise<CacheMemory>;
  /** What the decoder's rows may carry beside their numbers. Opens its session. */
  takes(): Promise<RowAbility>;
  /** Appends rows (embeddings, or ids to embed first) to the cache and returns the logits after the last one. */
  forward(
    cache: CacheId,
    rows: Matrix | readonly number[],
    places?: RowPlaces,
    signal?: AbortSignal,
  ): Promise<ForwardRun>;
  dispose(): Promise<void>;
}
