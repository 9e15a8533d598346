import { topK } from "../tensor/top-k.js";
import { gridSample } from "./grid-sample.js";
import { outlierRule } from "./outliers.js";
import type { RowRoom } from "./reducer.js";
import type { Grid } from "./sites.js";

/** Which patches are kept; see docs/reduction-settings.md, section 3. */
export interface SelectionSettings extends RowRoom {
  readonly iqrFactor: number;
  /** PruMerge+: add patches spread over the picture. */
  readonly spatial: boolean;
  /** Whether a row of the count is spent on the global token. */
  readonly globalToken: boolean;
  readonly rasterOrder: boolean;
  /** Round as the released code does, from this picture's outlier share or the one given (a pooled batch). */
  readonly released?: { readonly outlierRatio?: number };
  /** An exact count as EffiVLM-Bench fills it, from this picture's outlier share or the one given (the mean over crops). */
  readonly benchmark?: { readonly outlierRatio?: number };
}

/** Side of the uniform grid that PruMerge+ falls back to without outliers. */
const fallbackSide = 4;

/**
 * PruMerge's and PruMerge+'s kept patches.
 *
 * @param attention class attention [N]
 * @param settings already checked: an exact count of 1 .. N + 1 rows (N without a global token), or a cap
 * @returns patch indices in attention order (highest first, ties by lowest index, then spatial samples ascending), or
 *   raster order
 */
export function selectPatches(attention: Float32Array, grid: Grid, settings: SelectionSettings): Int32Array {
  const { exact, count, spatial, globalToken, rasterOrder, benchmark } = settings;
  const globalRows = globalToken ? 1 : 0;
  let kept = exact ? undefined : adaptiveSelection(attention, grid, settings);
  if (kept === undefined || (count > 0 && kept.length + globalRows > count)) {
    const n = count - globalRows;
    kept =
      benchmark === undefined
        ? exactSelection(attention, n, spatial)
        : outliersAndLines(attention, n, settings.iqrFactor, benchmark.outlierRatio);
  }
  return rasterOrder ? kept.sort() : kept;
}

/** n patches: the highest by attention, or with `spatial` half of them and the rest spread over what is left. */
function exactSelection(attention: Float32Array, n: number, spatial: boolean): Int32Array {
  if (!spatial) return topK(attention, n);
  const best = topK(attention, Math.ceil(n / 2));
  const taken = new Set(best);
  const rest = Array.from(attention.keys()).filter((patch) => !taken.has(patch));
  const spread = n - best.length;
  const kept = new Int32Array(n);
  kept.set(best);
  for (let i = 0; i < spread; i++) {
    kept[best.length + i] = rest[Math.floor(((2 * i + 1) * rest.length) / (2 * spread))];
  }
  return kept;
}

/**
 * n patches: all outliers, highest first, or the highest where there are none, and every (N / n)-th patch from the top until there
 * are n, so that the bottom of the picture gets none; or the n highest, where there are as many outliers.
 */
function outliersAndLines(
  attention: Float32Array,
  n: number,
  iqrFactor: number,
  outlierRatio = outlierRule(attention, iqrFactor).outliers / attention.length,
): Int32Array {
  const highest = Math.max(1, Math.trunc(attention.length * outlierRatio));
  if (n <= highest) return topK(attention, n);
  const best = topK(attention, highest);
  const taken = new Set(best);
  const stride = Math.max(1, Math.floor(attention.length / n));
  const kept = [...best];
  for (let patch = 0; kept.length < n; patch += stride) if (!taken.has(patch)) kept.push(patch);
  return Int32Array.from(kept);
}

function adaptiveSelection(
  attention: Float32Array,
  grid: Grid,
  { iqrFactor, spatial, globalToken, released }: SelectionSettings,
): Int32Array {
  const patches = attention.length;
  const { outliers } = outlierRule(attention, iqrFactor);
  const ratio = released && (released.outlierRatio ?? outliers / patches);
  const highest = ratio === undefined ? outliers : Math.trunc(patches * ratio);
  if (!spatial) return topK(attention, Math.max(highest, globalToken ? 0 : 1));
  if (ratio === 0 || (ratio === undefined && outliers === 0)) {
    return gridSample(grid, Math.min(fallbackSide, grid.rows), Math.min(fallbackSide, grid.columns));
  }
  const step = ratio === undefined ? Math.floor(patches / outliers) : Math.trunc(1 / ratio);
  const stride = Math.max(1, Math.floor(step / 3));
  const best = topK(attention, highest);
  const taken = new Set(best);
  const kept = [...best];
  for (let patch = 0; patch < patches - 1; patch += stride) if (!taken.has(patch)) kept.push(patch);
  return Int32Array.from(kept);
}
