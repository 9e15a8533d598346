import type { Rectangle } from "../image/index.js";
import type { GridPart } from "../reduce/sites.js";
import { type Bin, histogram } from "./histogram.js";
import type { Inspection, InspectionStatistics, RowKind } from "./inspection.js";
import { patchPlace } from "./patch-place.js";
import type { TowerSigns } from "./tower-signs.js";

/** An inspection as plain data. Patches are counted from 0 in raster order, tokens in the language model's order. */
export interface InspectionJson {
  readonly format: "prumerge-inspection";
  readonly version: 1;
  readonly picture: { readonly name?: string; readonly width: number; readonly height: number };
  /** Rectangle of the picture, in its pixels, that the patch grid covers; of several views the first one's. */
  readonly view: Rectangle;
  readonly grid: { readonly rows: number; readonly columns: number };
  /** Every view where there are several, whose patches are counted on from one to the next. */
  readonly views?: readonly {
    readonly rectangle: Rectangle;
    readonly rows: number;
    readonly columns: number;
    /** What of the grid shows the picture, where not all of it does. */
    readonly inside?: GridPart;
    /** Visual tokens that stand on its patches. */
    readonly tokens: number;
  }[];
  readonly method: string;
  /** What was asked, where the method read it. */
  readonly question?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly statistics: InspectionStatistics;
  readonly tokens: readonly {
    readonly kind: RowKind;
    /** Its patch with place and rectangle in the picture's pixels; left out for tokens that stand on none. */
    readonly patch?: number;
    /** From 0, where there are several views; row and column are those in it. */
    readonly view?: number;
    readonly row?: number;
    readonly column?: number;
    readonly rectangle?: Rectangle;
    /** As in `levels` where there are several views. */
    readonly attention?: number;
    /** Patches summed into it, own one included; the patch after the last is the class token, of several views the first one's. */
    readonly sources: readonly number[];
    /** Beside `sources`. */
    readonly weights: readonly number[];
  }[];
  /** Whether the tower has a class token, whose attention it then is. Beside `classAttention`. */
  readonly classToken?: boolean;
  /** Per patch; of a tower without a class token the attention that it receives, the mean over all queries. */
  readonly classAttention?: readonly number[];
  /** Of several views the attention divided by the fence of the patch's view, since that of two views is not comparable. */
  readonly levels?: readonly number[];
  readonly outliers?: {
    readonly firstQuartile: number;
    readonly thirdQuartile: number;
    readonly fence: number;
    /** Patches above the fence. */
    readonly outliers: number;
  };
  readonly histogram?: readonly Bin[];
  readonly signs?: TowerSigns;
}

const bins = 48;

/** Everything that the pictures show, as data; float32 values keep their full precision. */
export function inspectionJson(inspection: Inspection): InspectionJson {
  const { picture, name, view, grid, regions, method, question, options, statistics } = inspection;
  const { classAttention, levels, shownLevels, outliers, signs } = inspection;
  return {
    format: "prumerge-inspection",
    version: 1,
    picture: { ...(name !== undefined && { name }), width: picture.width, height: picture.height },
    view,
    grid: { rows: grid.rows, columns: grid.columns },
    ...(regions.length > 1 && { views: viewsOf(inspection) }),
    method,
    ...(question !== undefined && { question }),
    options,
    statistics,
    tokens: inspection.rows.map(({ kind, keptPatch, attention, sources }) => ({
      kind,
      ...(keptPatch >= 0 && place(inspection, keptPatch)),
      ...(attention !== undefined && { attention: exact(attention) }),
      sources: sources.map(({ patch }) => patch),
      weights: sources.map(({ weight }) => exact(weight)),
    })),
    ...(classAttention !== undefined && {
      classToken: inspection.classToken ?? true,
      classAttention: Array.from(classAttention, exact),
    }),
    ...(levels !== undefined && regions.length > 1 && { levels: Array.from(levels, exact) }),
    ...(shownLevels !== undefined && { histogram: histogram(shownLevels, bins) }),
    ...(outliers !== undefined && { outliers }),
    ...(signs !== undefined && { signs }),
  };
}

function viewsOf({ regions, rows }: Inspection): NonNullable<InspectionJson["views"]> {
  return regions.map(({ first, rows: down, columns, rectangle, inside }) => ({
    rectangle,
    rows: down,
    columns,
    ...(inside !== undefined && { inside }),
    tokens: rows.filter(({ keptPatch }) => keptPatch >= first && keptPatch < first + down * columns).length,
  }));
}

function place({ regions }: Inspection, patch: number) {
  const { view, row, column, rectangle } = patchPlace(regions, patch);
  return { patch, ...(regions.length > 1 && { view }), row, column, rectangle };
}

/** Nine digits tell every float32 value from its neighbours. */
function exact(value: number): number {
  return Number(value.toPrecision(9));
}
