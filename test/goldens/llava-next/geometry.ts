import { packedOrder } from "../../../src/families/llava-next/pack.js";
import type { LlavaNextSpec } from "../../../src/families/llava-next/spec.js";
import { unpad } from "../../../src/families/llava-next/unpad.js";
import { tileGeometry } from "../../../src/image/tiles/tile-geometry.js";
import type { RecordedGeometry, TileParameters } from "./case.js";

type Rule = LlavaNextSpec["unpad"];

/** What we work out for one picture: everything that is recorded of its geometry, and the order of its patches. */
export interface Geometry extends Required<RecordedGeometry> {
  /** Per row of the prompt: view x patches + patch, or -1. */
  readonly order: Int32Array;
}

/** The pinpoints as one rule reads the same list: the original takes the first number for the width. */
export function gridsOf({ image_grid_pinpoints: pairs }: TileParameters, rule: Rule) {
  return pairs.map(([one, other]) =>
    rule === "original" ? ([other, one] as const) : ([one, other] as const),
  );
}

/** Our geometry of a picture. */
export function geometryOf(width: number, height: number, parameters: TileParameters, rule: Rule): Geometry {
  const { tile, side } = parameters;
  const { rows, columns, picture } = tileGeometry(width, height, tile, gridsOf(parameters, rule));
  const all = { rows: rows * side, columns: columns * side };
  const shown = unpad({ width, height }, all, rule);
  const order = packedOrder({ rows: side, columns: side }, { rows, columns }, shown);
  const [right, bottom] = [
    columns * tile - picture.x - picture.width,
    rows * tile - picture.y - picture.height,
  ];
  return {
    best_resolution: [rows * tile, columns * tile],
    grid: [rows, columns],
    views: 1 + rows * columns,
    resized: [picture.height, picture.width],
    pad_left_top_right_bottom: [picture.x, picture.y, right, bottom],
    patch_grid: [all.rows, all.columns],
    rows: shown.rows,
    cols: shown.columns,
    visual_tokens: order.length,
    order,
  };
}

/** What of a recorded geometry differs from ours, in words. */
export function geometryMisses(what: string, ours: Geometry, recorded: RecordedGeometry): string[] {
  const keys = Object.keys(ours).filter((key) => key !== "order") as (keyof RecordedGeometry)[];
  return (
    keys
      // How many columns no rows have is recorded now one way, now the other.
      .filter((key) => key !== "cols" || ours.rows !== 0)
      .filter((key) => recorded[key] !== undefined && String(recorded[key]) !== String(ours[key]))
      .map((key) => `${what}${key} ${ours[key]}, recorded ${recorded[key]}`)
  );
}
