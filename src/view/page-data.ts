import type { HistogramScale } from "./histogram-figure.js";
import type { Inspection, RowKind } from "./inspection.js";
import { cellWidth, type Stage } from "./stage.js";

/** What the page's script gets: everything it says and draws, numbers rounded for people. */
export interface PageData {
  readonly rows: number;
  readonly columns: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Left upper corner and size of the drawing. */
  readonly box: readonly [number, number, number, number];
  readonly tokens: readonly {
    /** Its patch, -1 for none. */
    readonly patch: number;
    readonly kind: RowKind;
    /** Patch and weight by turns; a patch of rows x columns is the class token. */
    readonly sources: readonly number[];
  }[];
  /** Empty where no attention is known. */
  readonly attention: readonly number[];
  readonly fence: number;
  /** Ends of the histogram's axis, natural logarithms. */
  readonly axis: readonly [number, number];
}

/** Collects {@link PageData}. */
export function pageData(inspection: Inspection, stage: Stage, scale: HistogramScale | undefined): PageData {
  const { x, y, width, height } = stage.box;
  return {
    rows: stage.rows,
    columns: stage.columns,
    cellWidth,
    cellHeight: stage.cellHeight,
    box: [x, y, width, height],
    tokens: inspection.rows.map(({ keptPatch, kind, sources }) => ({
      patch: keptPatch,
      kind,
      sources: sources.flatMap(({ patch, weight }) => [patch, short(weight)]),
    })),
    attention: Array.from(inspection.classAttention ?? [], short),
    fence: short(inspection.outliers?.fence ?? 0),
    axis: scale === undefined ? [0, 1] : [scale.low, scale.high],
  };
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
