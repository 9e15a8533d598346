import { PrumergeError } from "../../../errors.js";
import { checkGrids, expectedGrids } from "../../../image/tiles/check-grids.js";
import type { TileGrid } from "../../../image/tiles/grid.js";
import type { SquareModelSpec } from "../../../models/spec.js";

/** Far above any list there is; a longer text would only take time. */
const longestText = 16_384;

const pair = String.raw`[[(]\d+,\d+,?[\])]`;
const literal = new RegExp(String.raw`^[[(]${pair}(,${pair})*,?[\])]$`);
const factors = /^\(\d+x\d+\)(,(\(\d+x\d+\)|\.\.\.))*$/;

/**
 * Reads `image_grid_pinpoints` of the original LLaVA's config.json: a list of (width, height), such a list as Python writes
 * it in a text, or a text of pairs in tiles: "(1x1),...,(6x6)" is every pair from the first to the last. Without dots the
 * older of its programs take the pairs as they stand, and the newer ones the range all the same; so only a text that means
 * the same to both is read. transformers has the same field with heights first. Source: LLaVA-NeXT's `process_anyres_image`.
 *
 * @param tile side of a tile, pixels
 * @param where the file's name, for messages
 * @returns [height, width] in the file's order, which decides between grids that are equally good
 * @throws PrumergeError INVALID_FILE for anything else, for sides that are no multiples of the tile, and beyond the limits
 * that it names
 */
export function parseOriginalGrids(value: unknown, tile: number, where: string): readonly TileGrid[] {
  const pairs = typeof value === "string" ? readText(value, tile) : value;
  const turned = Array.isArray(pairs) ? pairs.map(turn) : pairs;
  const checked = checkGrids(turned ?? value, tile);
  if ("grids" in checked) return checked.grids;
  throw new PrumergeError("INVALID_FILE", "image_grid_pinpoints does not fit", {
    where,
    expected: `${expectedGrids(tile)}, each pair with its width first`,
    found: typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : checked.found,
  });
}

/** The grids of an original configuration as Hugging Face's has them, in their order, which decides between equals. */
export function originalGridsOf(
  { vision }: Pick<SquareModelSpec, "vision">,
  original: Readonly<Record<string, unknown>>,
): readonly TileGrid[] {
  return parseOriginalGrids(original.image_grid_pinpoints, vision.imageSize, "config.json");
}

/** Width first to height first; what is no pair stays, to be refused. */
function turn(value: unknown): unknown {
  return Array.isArray(value) && value.length === 2 ? [value[1], value[0]] : value;
}

function readText(text: string, tile: number): number[][] | undefined {
  if (text.length > longestText || /\d\s+\d/.test(text)) return undefined;
  const dense = text.replace(/\s+/g, "");
  if (literal.test(dense)) return pairsOf(dense, /(\d+),(\d+)/g);
  if (!factors.test(dense)) return undefined;
  const pairs = pairsOf(dense, /(\d+)x(\d+)/g);
  const range = rangeOf(pairs[0]!, pairs.at(-1)!);
  if (!dense.includes("...") && String(range) !== String(pairs)) return undefined;
  return range?.map((pair) => pair.map((count) => count * tile));
}

function pairsOf(text: string, pattern: RegExp): number[][] {
  return [...text.matchAll(pattern)].map(([, one, other]) => [Number(one), Number(other)]);
}

/** Every pair from one to another, the first number outermost; undefined where that is none, or more than is ever run. */
function rangeOf([left, top]: readonly number[], [right, bottom]: readonly number[]): number[][] | undefined {
  const [columns, rows] = [right! - left! + 1, bottom! - top! + 1];
  if (!(columns > 0 && rows > 0 && columns * rows <= longestText)) return undefined;
  return Array.from({ length: columns * rows }, (_, at) => [
    left! + Math.floor(at / rows),
    top! + (at % rows),
  ]);
}
