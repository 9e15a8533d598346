import type { Value } from "../../onnx/builder.js";
import {
  add,
  and,
  cast,
  concat,
  cumulativeSum,
  div,
  equal,
  expand,
  greater,
  ints,
  less,
  max,
  mod,
  mul,
  not,
  or,
  reduce,
  scalar,
  scatterElements,
  sizeOf,
  sub,
  topK,
  where,
} from "../../onnx/ops/index.js";
import { countOutliers } from "./outliers.js";
import type { SettingValues } from "./settings.js";

export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** Which patches stay, per picture. N patches; all pictures of a batch keep the same number R. */
export interface Selection {
  /** bool [B, N] */
  readonly selected: Value;
  /** int64 [B, R], in the order of the rows. */
  readonly kept: Value;
  /** R as int64 [1]. */
  readonly rows: Value;
}

/**
 * Chooses the kept patches (docs/reduction-settings.md, section 3): the class attention's outliers, PruMerge+'s spatial
 * samples, the exact rule, or the adaptive rule under a cap. Equal attention: lower patch index first. There are no
 * branches in the graph: every rule is computed, which costs microseconds, and `Where` takes the right one.
 *
 * @param attention a [B, N]; with the adaptive rule B must be 1, since pictures differ in their counts
 */
export function selectPatches(attention: Value, grid: Grid, settings: SettingValues): Selection {
  const { graph } = attention;
  const patches = attention.shape[1] as number;
  const number = (value: number) => scalar(graph, "int64", value);
  const positions = graph.constant(
    "int64",
    [1, patches],
    Array.from({ length: patches }, (_, patch) => patch),
  );

  const [descending, order] = topK(attention, patches, patches);
  const everywhere = batchOf(positions, attention);
  const rank = scatterElements(everywhere, order, everywhere, 1);

  const globalRows = cast(settings.globalToken, "int64");
  const budget = sub(settings.count, globalRows);
  const outliers = countOutliers(attention, descending, settings.iqrFactor);

  const adaptive = adaptiveRule(rank, positions, outliers, grid, settings, globalRows);
  const adaptiveRows = reduce("ReduceSum", cast(or(adaptive.top, adaptive.spatial), "int64"), 1, true);
  const over = and(
    greater(settings.count, number(0)),
    greater(add(adaptiveRows, globalRows), settings.count),
  );
  const useExact = or(settings.exact, over);
  const exact = exactRule(rank, budget, settings.spatial);

  const top = where(useExact, exact.top, adaptive.top);
  const spatial = where(useExact, exact.spatial, adaptive.spatial);
  const selected = or(top, spatial);
  // Smallest first: by attention, then spatial samples in raster order, then everything else.
  const afterTop = where(spatial, add(positions, number(patches)), number(3 * patches));
  const byAttention = where(top, rank, afterTop);
  const byPosition = where(selected, positions, number(3 * patches));
  const priority = where(settings.rasterOrder, byPosition, byAttention);

  const rowsPerPicture = reduce("ReduceSum", cast(selected, "int64"), 1, false);
  const rows = reduce("ReduceMax", rowsPerPicture, 0, true);
  const [, kept] = topK(priority, rows, "kept", { largest: false });
  return { selected, kept, rows };
}

/** The two parts of a choice, bool [B, N] each and disjoint. */
interface Choice {
  readonly top: Value;
  readonly spatial: Value;
}

function exactRule(rank: Value, budget: Value, spatial: Value): Choice {
  const { graph } = rank;
  const number = (value: number) => scalar(graph, "int64", value);
  const patches = number(rank.shape[1] as number);
  const half = div(add(budget, number(1)), number(2));
  const byAttention = where(spatial, half, budget);
  const top = less(rank, byAttention);
  const samples = sub(budget, byAttention);
  const left = max(sub(patches, byAttention), number(1));
  // Patch number q of the rest is sampled when some i has floor((i + 0.5) R / r) = q, that is when the number of i
  // below (q + 1) r / R - 0.5 exceeds the number below q r / R - 0.5.
  const rest = not(top);
  const through = cumulativeSum(cast(rest, "int64"), 1);
  const samplesBelow = (q: Value) =>
    div(add(mul(mul(q, samples), number(2)), sub(left, number(1))), mul(left, number(2)));
  const chosen = greater(samplesBelow(through), samplesBelow(sub(through, number(1))));
  return { top, spatial: and(and(rest, chosen), spatial) };
}

function adaptiveRule(
  rank: Value,
  positions: Value,
  outliers: Value,
  grid: Grid,
  settings: SettingValues,
  globalRows: Value,
): Choice {
  const { graph } = rank;
  const number = (value: number) => scalar(graph, "int64", value);
  const patches = rank.shape[1] as number;
  // Without outliers, global token and spatial samples the strongest patch stays, so that there is a row at all.
  const atLeast = where(settings.spatial, number(0), sub(number(1), globalRows));
  const top = less(rank, max(outliers, atLeast));
  const stride = max(div(div(number(patches), max(outliers, number(1))), number(3)), number(1));
  const strided = and(equal(mod(positions, stride), number(0)), less(positions, number(patches - 1)));
  const sampled = where(equal(outliers, number(0)), uniformGrid(positions, grid), strided);
  return { top, spatial: and(and(sampled, not(top)), settings.spatial) };
}

/** Mask [1, N] of the uniform 4 x 4 grid that stands in where there is no outlier. */
function uniformGrid(positions: Value, { rows, columns }: Grid): Value {
  const lines = (size: number) => {
    const count = Math.min(4, size);
    return new Set(Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * size) / count)));
  };
  const [onRow, onColumn] = [lines(rows), lines(columns)];
  const mask = Array.from({ length: rows * columns }, (_, patch) =>
    onRow.has(Math.floor(patch / columns)) && onColumn.has(patch % columns) ? 1 : 0,
  );
  return positions.graph.constant("bool", [1, rows * columns], mask);
}

/** [1, N] repeated for each picture of a batch. */
function batchOf(row: Value, like: Value): Value {
  const [batch, patches] = like.shape;
  if (batch === 1) return row;
  const sizes = concat([sizeOf(like, 0), ints(row.graph, [patches as number])], 0);
  return expand(row, [batch!, patches!], sizes);
}
