import type { Rectangle } from "../image/index.js";
import { type Bin, histogram } from "./histogram.js";
import type { Inspection, InspectionStatistics, RowKind } from "./inspection.js";
import type { TowerSigns } from "./tower-signs.js";

/** An inspection as plain data. Patches are counted from 0 in raster order, tokens in the language model's order. */
export interface InspectionJson {
  readonly format: "prumerge-inspection";
  readonly version: 1;
  readonly picture: { readonly name?: string; readonly width: number; readonly height: number };
  /** Rectangle of the picture, in its pixels, that the patch grid covers. */
  readonly view: Rectangle;
  readonly grid: { readonly rows: number; readonly columns: number };
  readonly method: string;
  /** What was asked, where the method read it. */
  readonly question?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly statistics: InspectionStatistics;
  readonly tokens: readonly {
    readonly kind: RowKind;
    /** Its patch with place and rectangle in the picture's pixels; left out for tokens that stand on none. */
    readonly patch?: number;
    readonly row?: number;
    readonly column?: number;
    readonly rectangle?: Rectangle;
    readonly attention?: number;
    /** Patches summed into it, own one included; the patch after the last is the class token. */
    readonly sources: readonly number[];
    /** Beside `sources`. */
    readonly weights: readonly number[];
  }[];
  /** Per patch; of a tower without a class token the attention that it receives, the mean over all queries. */
  readonly classAttention?: readonly number[];
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
  const { picture, name, view, grid, method, question, options, statistics } = inspection;
  const { classAttention, outliers, signs } = inspection;
  return {
    format: "prumerge-inspection",
    version: 1,
    picture: { ...(name !== undefined && { name }), width: picture.width, height: picture.height },
    view,
    grid: { rows: grid.rows, columns: grid.columns },
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
      classAttention: Array.from(classAttention, exact),
      histogram: histogram(classAttention, bins),
    }),
    ...(outliers !== undefined && { outliers }),
    ...(signs !== undefined && { signs }),
  };
}

function place({ grid, view }: Inspection, patch: number) {
  const { rows, columns } = grid;
  const [row, column] = [Math.floor(patch / columns), patch % columns];
  const [width, height] = [view.width / columns, view.height / rows];
  return {
    patch,
    row,
    column,
    rectangle: { x: view.x + column * width, y: view.y + row * height, width, height },
  };
}

/** Nine digits tell every float32 value from its neighbours. */
function exact(value: number): number {
  return Number(value.toPrecision(9));
}
