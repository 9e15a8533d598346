import { PrumergeError } from "../../errors.js";
import type { View } from "../../image/picture.js";
import { gridSide, type VisionTowerSpec } from "../../models/spec.js";

/** What the tower is told of the patches of a view, raster order. */
export interface ViewPatches {
  /** [N], row of the table of positions. */
  readonly positions: Int32Array;
  /** The patches that others attend to, ascending. */
  readonly valid: Int32Array;
}

type Tower = Pick<VisionTowerSpec, "imageSize" | "patchSize">;
type Masked = Pick<View, "height" | "width" | "mask">;

/**
 * Positions and validity of a view's patches. A patch of which any pixel shows the picture is valid; a row of the valid ones
 * lies at the same share of the table as of the picture, and so does a column. The others have position 0. Source:
 * transformers' `Idefics3VisionEmbeddings` (4.47, 5.24; those between shift the positions by one).
 *
 * @throws PrumergeError INVALID_TENSOR for a mask that leaves the first row or the first column without a patch
 */
export function viewPatches(view: Masked, vision: Tower): ViewPatches {
  const side = gridSide(vision);
  const shown = validPatches(view, vision);
  const [down, across] = [view.height, view.width].map((length) => Math.floor(length / vision.patchSize)) as [
    number,
    number,
  ];
  const rows = count(down, (row) => shown(row, 0));
  const columns = count(across, (column) => shown(0, column));
  if (rows === 0 || columns === 0) {
    throw new PrumergeError(
      "INVALID_TENSOR",
      "a view's mask leaves its first row or column without a patch",
      {
        where: "mask",
        expected: "a picture in the top left corner",
        found: `${rows} patches in the first column, ${columns} in the first row`,
      },
    );
  }
  const bucket = (at: number, of: number) => Math.min(side - 1, Math.floor((at * side) / of));
  const all = Array.from({ length: down * across }, (_, patch) => patch);
  const place = (patch: number) => [Math.floor(patch / across), patch % across] as const;
  return {
    positions: Int32Array.from(all, (patch) => {
      const [row, column] = place(patch);
      return shown(row, column) ? bucket(row, rows) * side + bucket(column, columns) : 0;
    }),
    valid: Int32Array.from(all.filter((patch) => shown(...place(patch)))),
  };
}

/** Whether a patch shows a pixel of the picture. */
export function validPatches(
  { mask, width }: Masked,
  { patchSize }: Tower,
): (row: number, column: number) => boolean {
  if (mask === undefined) return () => true;
  return (row, column) => {
    for (let y = row * patchSize; y < (row + 1) * patchSize; y++)
      for (let x = column * patchSize; x < (column + 1) * patchSize; x++)
        if (mask[y * width + x] !== 0) return true;
    return false;
  };
}

function count(length: number, is: (at: number) => boolean): number {
  let found = 0;
  for (let at = 0; at < length; at++) if (is(at)) found++;
  return found;
}
