import { PrumergeError } from "../../../errors.js";
import type { PreprocessSpec } from "../../../image/preprocess-spec.js";
import type { TileGrid } from "../../../image/tiles/grid.js";
import type { ConfigReader } from "../../../models/config-reader.js";

/**
 * Refuses an image processor that makes no tiles, or chooses from other grids than the model: transformers cuts by the
 * one list and puts together by the other.
 *
 * @param defaultGrids what the model's class of transformers takes where its configuration names none
 */
export function tilesCheck(title: string, defaultGrids: readonly TileGrid[]) {
  return ({ aspect, grids }: PreprocessSpec, where: string, config?: ConfigReader): void => {
    if (aspect !== "anyres") {
      throw new PrumergeError("UNSUPPORTED_MODEL", "an image processor that the model was not trained with", {
        where,
        expected: `${title}'s, which cuts pictures into tiles (anyres)`,
        found: `${aspect}, one square picture`,
      });
    }
    if (config === undefined) return;
    const own = JSON.stringify(config.raw("image_grid_pinpoints") ?? defaultGrids);
    const processors = JSON.stringify(grids);
    if (own === processors) return;
    throw new PrumergeError(
      "INVALID_FILE",
      "image_grid_pinpoints of the model and of its image processor differ",
      {
        where: config.where,
        expected: processors,
        found: own.slice(0, 300),
      },
    );
  };
}
