import { insideOf } from "../reduce/sites.js";
import type { HistogramScale } from "./histogram-figure.js";
import type { Inspection, RowKind } from "./inspection.js";
import { viewName } from "./patch-place.js";
import type { Stage } from "./stage.js";
import { attentionName } from "./summary.js";

/** What a stage that someone points at says and draws, numbers rounded for people: plain data, which a page can hold as JSON. */
export interface PageData {
  readonly views: readonly PageView[];
  /** Left upper corner and size of the drawing. */
  readonly box: readonly [number, number, number, number];
  readonly tokens: readonly {
    /** Its patch, -1 for none. */
    readonly patch: number;
    readonly kind: RowKind;
    /** Patch and weight by turns; a patch behind all others is a class token. */
    readonly sources: readonly number[];
  }[];
  /** Empty where no attention is known. */
  readonly attention: readonly number[];
  /** What it is called. */
  readonly attentionName: string;
  /** Ends of the histogram's axis, natural logarithms. */
  readonly axis: readonly [number, number];
}

/** A view's patches, counted on from one view to the next, and where they lie in the drawing. */
export interface PageView {
  /** Empty where there is one view. */
  readonly name: string;
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  /** Row and column of the first patch that shows the picture, and how many rows and columns do. */
  readonly inside: readonly [number, number, number, number];
  /** Left upper corner of the grid, and size of a patch. */
  readonly at: readonly [number, number, number, number];
}

/** Collects {@link PageData}. */
export function pageData(inspection: Inspection, stage: Stage, scale?: HistogramScale): PageData {
  const { x, y, width, height } = stage.box;
  return {
    views: stage.regions.map(({ region, grid }, view) => {
      const { first, rows, columns } = region;
      const { top, left, ...inside } = insideOf(region);
      return {
        name: viewName(inspection.regions, view, inspection.picture),
        first,
        rows,
        columns,
        inside: [top, left, inside.rows, inside.columns],
        at: [short(grid.x), short(grid.y), grid.width / columns, grid.height / rows],
      };
    }),
    box: [x, y, width, height],
    tokens: inspection.rows.map(({ keptPatch, kind, sources }) => ({
      patch: keptPatch,
      kind,
      sources: sources.flatMap(({ patch, weight }) => [patch, short(weight)]),
    })),
    attention: Array.from(inspection.levels ?? [], short),
    attentionName: attentionName(inspection),
    axis: scale === undefined ? [0, 1] : [scale.low, scale.high],
  };
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
