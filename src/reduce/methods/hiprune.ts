import { topK } from "../../tensor/top-k.js";
import { choiceOption, integerOption, refuseOption, refuseUnknownOptions, withDefaults } from "../options.js";
import { receivedAttention } from "../received-attention.js";
import type { Reducer } from "../reducer.js";
import { type SamplingBudget, samplingBudget } from "../sampling-reducer.js";
import { selectingReducer } from "../selecting-reducer.js";
import { earlierLayer } from "../signals.js";
import type { Grid } from "../sites.js";

export interface HiPruneOptions extends SamplingBudget {
  /** The share of the count that anchors take with their four buffers: 0 .. 1000, default 0.1. From 5 on there are only anchors. */
  readonly alpha?: number;
  /** The layer whose attention finds objects, counted from the last, -2 or below; default -16, the 9th of CLIP-L's 24. */
  readonly objectLayer?: number;
  /** The released program's literal grid, whatever the picture's: rows of 24 patches, and the last patch 575. */
  readonly compatibility?: "released";
}

const defaults = { alpha: 0.1, objectLayer: -16 } as const;
const largestAlpha = 1000;
/** The layer whose attention finds registers: that of LLaVA's features. */
const deepLayer = -2;

/**
 * HiPrune: patches that receive the most attention in a middle layer (anchors), the four beside each (buffers), and those that
 * receive the most in a deep layer (registers), unchanged and in raster order. It needs no class token.
 *
 * Of T patches, round(T alpha / 5) are anchors, halves to the even number as Python rounds; registers fill what anchors and
 * buffers leave. Received attention is the mean over heads and queries. Buffers are the patches before, after, above and below
 * in raster order, whatever the row's ends, and the first or last patch beyond the picture's, as released.
 *
 * Source: Danielement321/HiPrune at 6e83a12 (`encode_images`), MIT, whose patches these are on its grid of 24 x 24. Where anchors
 * and buffers are more than T it raises; here anchors come first, then the buffers of the strongest anchors, until there are T.
 *
 * It reads two layers before the last ({@link HiPruneOptions.objectLayer} and -2), and runs where the vision graph shows both.
 *
 * @param options left out: a quarter of the patches
 * @throws PrumergeError INVALID_OPTION for options out of range
 */
export function hiPrune(options: HiPruneOptions = {}): Reducer {
  refuseUnknownOptions("hiprune", options, ["tokens", "keepRatio", "alpha", "objectLayer", "compatibility"]);
  const { alpha, objectLayer } = withDefaults<{ alpha: number; objectLayer: number }>(defaults, {
    alpha: options.alpha,
    objectLayer: options.objectLayer,
  });
  const { compatibility } = options;
  if (!(typeof alpha === "number" && alpha >= 0 && alpha <= largestAlpha)) {
    refuseOption("hiprune", "alpha", `a number from 0 to ${largestAlpha}`, alpha);
  }
  integerOption("hiprune", "objectLayer", objectLayer, -1000, -2);
  if (compatibility !== undefined) choiceOption("hiprune", "compatibility", compatibility, ["released"]);
  const reducer = selectingReducer(
    "hiprune",
    samplingBudget("hiprune", options),
    { alpha, objectLayer, ...(compatibility !== undefined && { compatibility }) },
    { layers: objectLayer === deepLayer ? [deepLayer] : [objectLayer, deepLayer] },
    (signals, count) => {
      const attention = (layer: number) =>
        receivedAttention(earlierLayer(signals, layer), signals.heads, signals.classToken);
      const anchors = topK(attention(objectLayer), anchorCount(count, alpha));
      const kept = withBuffers(anchors, bufferGrid(signals, compatibility), count);
      return withRegisters(kept, attention(deepLayer), count);
    },
  );
  return { ...reducer, perFrame: true };
}

/** round(T alpha / 5), halves to the even number, T at most. */
function anchorCount(count: number, alpha: number): number {
  const wanted = (count * alpha) / 5;
  const down = Math.floor(wanted);
  const halfToEven = wanted - down === 0.5 ? down + (down % 2) : Math.round(wanted);
  return Math.min(count, halfToEven);
}

/** Patches of a row, and the last patch of all. */
interface BufferGrid {
  readonly columns: number;
  readonly last: number;
}

function bufferGrid({ grid }: { readonly grid: Grid }, compatibility: "released" | undefined): BufferGrid {
  const last = grid.rows * grid.columns - 1;
  return compatibility === undefined
    ? { columns: grid.columns, last }
    : { columns: 24, last: Math.min(last, 575) };
}

/** Anchors first, then each one's buffers, `count` at most. */
function withBuffers(anchors: Int32Array, { columns, last }: BufferGrid, count: number): Set<number> {
  const inside = (patch: number) => Math.min(last, Math.max(0, patch));
  const kept = new Set(Array.from(anchors, inside));
  for (const anchor of anchors) {
    for (const step of [-1, 1, -columns, columns]) {
      if (kept.size < count) kept.add(inside(anchor + step));
    }
  }
  return kept;
}

/** Filled up with the patches of highest attention among the others. */
function withRegisters(kept: ReadonlySet<number>, attention: Float32Array, count: number): Int32Array {
  const others = attention.map((value, patch) => (kept.has(patch) ? Number.NEGATIVE_INFINITY : value));
  return Int32Array.of(...kept, ...topK(others, count - kept.size));
}
