import { tiledPictures } from "../../../src/families/parts/tiles/pictures.js";
import { type UnpadRule, unpad } from "../../../src/families/parts/tiles/unpad.js";
import { tileGeometry } from "../../../src/image/tiles/tile-geometry.js";
import type { Arrangement } from "../../../src/reduce/arrangement.js";
import type { RecordedGeometry, TileParameters } from "./case.js";
import type { TiledGoldens } from "./family.js";

/** What we work out for one picture: everything that is recorded of its geometry, and the rows of its prompt. */
export interface Geometry extends Required<RecordedGeometry> {
  readonly arrangement: Arrangement;
}

/** The pinpoints as one rule reads the same list: the original takes the first number for the width. */
export function gridsOf({ image_grid_pinpoints: pairs }: TileParameters, rule: UnpadRule) {
  return pairs.map(([one, other]) =>
    rule === "original" ? ([other, one] as const) : ([one, other] as const),
  );
}

/** Our geometry of a picture. */
export function geometryOf(
  width: number,
  height: number,
  parameters: TileParameters,
  { mostTiles }: TiledGoldens,
  rule: UnpadRule = "hugging-face",
): Geometry {
  const { tile, side, patch } = parameters;
  const { rows, columns, picture } = tileGeometry(width, height, tile, gridsOf(parameters, rule));
  const all = { rows: rows * side, columns: columns * side };
  const arrangement = arrange({ width, height }, { rows, columns }, { tile, patch, rule, mostTiles });
  const shown = unpad({ width, height }, all, rule);
  const separators = arrangement.origin.filter((row) => row < 0).length;
  const ofTiles = arrangement.origin.length - side ** 2;
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
    rows: separators,
    cols: separators === 0 ? shown.columns : ofTiles / separators - 1,
    visual_tokens: arrangement.origin.length,
    arrangement,
  };
}

interface Settings {
  readonly tile: number;
  readonly patch: number;
  readonly rule: UnpadRule;
  readonly mostTiles: number | undefined;
}

/** What the families' own code makes of views of that shape. */
function arrange(
  picture: { readonly width: number; readonly height: number },
  tiles: { readonly rows: number; readonly columns: number },
  { tile, patch, rule, mostTiles }: Settings,
): Arrangement {
  const rectangle = { x: 0, y: 0, ...picture };
  const view = { data: new Float32Array(0), height: tile, width: tile, rectangle, frame: 0 };
  const pixels = { views: Array(1 + tiles.rows * tiles.columns).fill(view), picture, tiles };
  const spec = {
    vision: { imageSize: tile, patchSize: patch },
    unpad: rule,
    ...(mostTiles !== undefined && { mostTiles }),
  } as Parameters<typeof tiledPictures.arrange>[2];
  return tiledPictures.arrange(tiledPictures.sites(pixels, spec), pixels, spec);
}

/** What of a recorded geometry differs from ours, in words. */
export function geometryMisses(what: string, ours: Geometry, recorded: RecordedGeometry): string[] {
  const keys = Object.keys(ours).filter((key) => key !== "arrangement") as (keyof RecordedGeometry)[];
  return (
    keys
      // How many columns no rows have is recorded now one way, now the other.
      .filter((key) => key !== "cols" || ours.rows !== 0)
      .filter((key) => recorded[key] !== undefined && String(recorded[key]) !== String(ours[key]))
      .map((key) => `${what}${key} ${ours[key]}, recorded ${recorded[key]}`)
  );
}
