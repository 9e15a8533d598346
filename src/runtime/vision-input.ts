import { PrumergeError } from "../errors.js";
import { visionInputs } from "../graphs/contract.js";
import { firstNonFinite } from "../tensor/finite.js";
import type { TowerInput } from "./engine.js";
import type { Session } from "./session.js";
import { portOf } from "./tensors.js";

/**
 * Checks one view against what a vision graph takes.
 *
 * @returns shape to feed, [1, 3, height, width]
 * @throws PrumergeError INVALID_TENSOR for another size, or NaN or Inf
 */
export function checkView(session: Session, { data, height, width }: TowerInput): number[] {
  const declared = portOf(session.inputs, visionInputs.pixels, session.path).shape;
  const dims = [1, 3, height, width];
  const fits = declared.every((size, axis) => typeof size === "string" || size === dims[axis]);
  const sides = [height, width].every((side) => Number.isInteger(side) && side >= 1);
  if (!sides || data.length !== 3 * height * width || declared.length !== 4 || !fits) {
    throw new PrumergeError("INVALID_TENSOR", "the vision tower takes pixel values of another size", {
      expected: `[${declared.join(", ")}]`,
      found: `[1, 3, ${height}, ${width}] with ${data.length} numbers`,
      where: visionInputs.pixels,
    });
  }
  const at = firstNonFinite(data);
  if (at >= 0) {
    throw new PrumergeError("INVALID_TENSOR", "a pixel value is not a number", {
      expected: "finite numbers",
      found: `${data[at]} at ${at}`,
      where: visionInputs.pixels,
    });
  }
  return dims;
}
