import { PrumergeError } from "../errors.js";
import type { Arrangement } from "../reduce/arrangement.js";

/** An unreduced prompt of graphs that hold no separator, without the one that ends the picture. */
export function withoutEnd(arrangement: Arrangement): Arrangement {
  if (arrangement.closed !== true) return arrangement;
  const { closed: _, ...others } = arrangement;
  return { ...others, origin: others.origin.subarray(0, -1) };
}

/** Lines of tiles that run into each other are nothing that a model has seen. */
export function noSeparators(): PrumergeError {
  return new PrumergeError(
    "INVALID_OPTION",
    "these graphs hold no separator for the lines of an unreduced picture",
    {
      where: "reducer",
      expected: "a reduction, or the whole picture as one view (views: base)",
      found: "every visual token of a picture in tiles",
      help: "Convert the checkpoint with prumerge convert to have them",
    },
  );
}
