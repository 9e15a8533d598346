import { PrumergeError } from "../errors.js";
import type { Picture, Rectangle } from "../image/index.js";
import { checkPlan } from "../reduce/check-plan.js";
import type { OutlierRule } from "../reduce/outliers.js";
import type { MergePlan } from "../reduce/plan.js";
import { type Grid, oneRegion, type Region } from "../reduce/sites.js";
import { type RowTrace, tracePlan } from "../reduce/trace.js";
import { attentionLevels } from "./levels.js";
import type { TowerSigns } from "./tower-signs.js";

/** Counts, and what else is known of the run that made the plan. */
export interface InspectionStatistics {
  /** Visual tokens that the language model gets. */
  readonly visualTokens: number;
  /** Visual tokens without reduction. */
  readonly unreducedTokens: number;
  readonly encodeMilliseconds?: number;
  /** Bytes in the key/value cache, reduced and not. */
  readonly keyValueBytes?: number;
  readonly unreducedKeyValueBytes?: number;
}

/** What is to be explained of one picture. */
export interface InspectionInput {
  readonly picture: Picture;
  /** What to call the picture. */
  readonly name?: string;
  /** Rectangle of the picture, in its pixels, that the patch grid covers; of several views the first one's. */
  readonly view: Rectangle;
  /** The patches, raster order: the plan's columns; of several views the first one's. */
  readonly grid: Grid;
  /** Every view where there are several, whose patches one after another are the plan's columns. Default: `view` and `grid`. */
  readonly regions?: readonly Region[];
  readonly plan: MergePlan;
  /**
   * [N], raster order: the class token's attention to each patch, or, of a tower without a class token, the attention that
   * each patch receives, the mean over all queries. Without it strengths and the histogram are left out. Of several views each
   * has its own, 0 for padding and for a view that was not encoded.
   */
  readonly classAttention?: Float32Array;
  /** Whether the tower has a class token, which says what `classAttention` is called. Default true. */
  readonly classToken?: boolean;
  /** How tower and plan go together, where the signals are known. */
  readonly signs?: TowerSigns;
  readonly method: string;
  /** What was asked, where the method read it. */
  readonly question?: string;
  /** The method's options, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly statistics: InspectionStatistics;
}

/**
 * Why a visual token is there: its patch's attention is above the fence (`outlier`) or not (`sample`: PruMerge+'s spread
 * patches, or the rest of an exact count); `kept` where no attention is known; `global`, the sum of what was left out;
 * `class`, the tower's own class token.
 */
export type RowKind = "outlier" | "sample" | "kept" | "global" | "class";

/** One visual token, in the order in which the language model gets them. */
export interface InspectedRow extends RowTrace {
  readonly kind: RowKind;
  /** Its patch's level. */
  readonly attention?: number;
}

/** Everything that the renderers draw and write. */
export interface Inspection extends InspectionInput {
  /** Every view, one where `regions` was not given. */
  readonly regions: readonly Region[];
  readonly rows: readonly InspectedRow[];
  /** Per patch the rows that it went into, its own included. */
  readonly patchRows: readonly (readonly { readonly row: number; readonly weight: number }[])[];
  /**
   * What is drawn of `classAttention`, [N]: the same, but of several views divided by the fence of the patch's own view, since
   * softmaxes of two views are not comparable.
   */
  readonly levels?: Float32Array;
  /** Levels of the patches that show the picture, of views that were encoded. */
  readonly shownLevels?: Float32Array;
  /** The interquartile-range rule on the levels, whether or not the method uses it; of several views the fence is 1. */
  readonly outliers?: OutlierRule;
}

/**
 * Checks and prepares what the renderers need.
 *
 * @throws PrumergeError INVALID_TENSOR for a malformed plan, or grids or attention that do not fit it, INVALID_OPTION for an
 * empty view, for frames of a video, and for a plan that only counts its rows
 */
export function createInspection(input: InspectionInput): Inspection {
  const { plan, classAttention, view, grid } = input;
  const regions = input.regions ?? oneRegion(grid, view).regions;
  checkPlan(plan);
  checkRegions(regions, plan.patches);
  if (classAttention !== undefined) checkAttention(classAttention, plan.patches);
  const attended = classAttention?.some((value) => value > 0)
    ? attentionLevels(classAttention, regions, iqrFactor(input.options))
    : undefined;
  const trace = tracePlan(plan);
  const rows = trace.rows.map((row): InspectedRow => {
    const attention = row.keptPatch < 0 ? undefined : attended?.levels[row.keptPatch];
    return {
      ...row,
      kind: rowKind(row, plan.patches, attention, attended?.rule),
      ...(attention !== undefined && { attention }),
    };
  });
  return {
    ...input,
    regions,
    rows,
    patchRows: trace.patches.map((patch) => patch.rows),
    ...(attended && { levels: attended.levels, shownLevels: attended.shown, outliers: attended.rule }),
  };
}

/** How many visual tokens are there for a reason. */
export function countRows(inspection: Inspection, kind: RowKind): number {
  return inspection.rows.filter((row) => row.kind === kind).length;
}

function rowKind(
  row: RowTrace,
  patches: number,
  attention: number | undefined,
  outliers: OutlierRule | undefined,
): RowKind {
  if (row.keptPatch < 0) return row.sources.some(({ patch }) => patch >= patches) ? "class" : "global";
  if (attention === undefined || outliers === undefined) return "kept";
  return attention > outliers.fence ? "outlier" : "sample";
}

function checkRegions(regions: readonly Region[], patches: number): void {
  const count = regions.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  if (count !== patches) {
    throw new PrumergeError("INVALID_TENSOR", "the grid does not fit the plan", {
      expected: `${patches} places`,
      found: regions.map(({ rows, columns }) => `${rows} x ${columns}`).join(", "),
      where: "grid",
    });
  }
  for (const { rectangle } of regions) {
    if (rectangle.width > 0 && rectangle.height > 0 && Object.values(rectangle).every(Number.isFinite))
      continue;
    throw new PrumergeError("INVALID_OPTION", "a view without an area", { found: JSON.stringify(rectangle) });
  }
  if (regions.some(({ frame }) => frame !== regions[0].frame)) {
    throw new PrumergeError("INVALID_OPTION", "a video is not drawn", {
      expected: "views of one picture",
      found: "several frames",
      help: "inspectVideo draws a filmstrip",
    });
  }
}

function iqrFactor(options: InspectionInput["options"]): number {
  return typeof options.iqrFactor === "number" ? options.iqrFactor : 1.5;
}

function checkAttention(attention: Float32Array, patches: number): void {
  if (attention.length === patches && attention.every(Number.isFinite)) return;
  throw new PrumergeError("INVALID_TENSOR", "class attention does not fit the plan", {
    expected: `${patches} finite values`,
    found: `${attention.length} values`,
    where: "classAttention",
  });
}
