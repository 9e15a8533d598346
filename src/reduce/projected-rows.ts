import { PrumergeError } from "../errors.js";
import type { Matrix } from "../tensor/matrix.js";
import type { Signals } from "./signals.js";

/** The patches after the projector, [N, D]; INVALID_TENSOR where they were not gathered. */
export function projectedRows({ projected }: Signals): Matrix {
  if (projected !== undefined) return projected;
  throw new PrumergeError("INVALID_TENSOR", "a reducer reads what was not gathered for it", {
    where: "projected",
    expected: "the patches after the projector, for a reducer with need: { projected: true }",
    found: "signals without them",
  });
}
