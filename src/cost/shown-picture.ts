import { PrumergeError } from "../errors.js";
import { type ModelGeometry, patchCount, takesSquares } from "./geometry.js";

/** What a picture is for a model whose visual tokens depend on its size: tiles, or a picture of any size. */
export interface ShownPicture {
  /** Of each view the patches, or blocks of them, that show the picture; 0 for a view that shows nothing. */
  readonly views: readonly number[];
  /** Visual tokens of the unreduced model, separators included. */
  readonly unreducedTokens: number;
}

/**
 * The picture that costs are counted for: one square where nothing else is said.
 *
 * @throws PrumergeError INVALID_OPTION where the tower takes pictures of any size and none is given
 */
export function shownPicture(
  { vision, blockSide = 1 }: Pick<ModelGeometry, "vision" | "blockSide">,
  picture?: ShownPicture,
): ShownPicture {
  if (picture !== undefined) return picture;
  if (takesSquares(vision)) {
    const tokens = patchCount(vision) / blockSide ** 2;
    return { views: [tokens], unreducedTokens: tokens };
  }
  throw new PrumergeError("INVALID_OPTION", "the cost depends on the picture", {
    where: "picture",
    expected: "what a picture is for this model",
    found: "none",
  });
}

/**
 * The rows that a count leaves each view, in proportion to what it shows, by largest remainder, earlier views first; 0 for a view
 * that need not be encoded.
 */
export function rowsOfViews(
  { views, unreducedTokens }: ShownPicture,
  visualTokens: number,
): readonly number[] {
  if (visualTokens >= unreducedTokens) return views;
  const total = views.reduce((sum, sites) => sum + sites, 0);
  const most = Math.min(visualTokens, total);
  const rows = views.map((sites) => Math.floor((most * sites) / total));
  let rest = most - rows.reduce((sum, count) => sum + count, 0);
  const fraction = (view: number) => (most * views[view]) % total;
  const order = views.map((_, view) => view).sort((a, b) => fraction(b) - fraction(a) || a - b);
  for (const view of order) if (rest-- > 0) rows[view] += 1;
  return rows;
}
