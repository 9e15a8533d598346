import { PrumergeError } from "../errors.js";
import { visionInputs } from "../graphs/contract.js";
import { firstNonFinite } from "../tensor/finite.js";
import type { TowerInput } from "./engine.js";
import type { OrtTensor, Session, Tensors } from "./session.js";
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

/**
 * What a view brings along for the graph beside its pixels.
 *
 * @throws PrumergeError INVALID_TENSOR for what the graph does not take, or takes in another length
 */
export function viewFeeds(
  session: Session,
  { feeds = {} }: TowerInput,
  tensors: Tensors,
): Readonly<Record<string, OrtTensor>> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, data]) => {
      const [length, ...others] = portOf(session.inputs, name, session.path).shape;
      if (others.length > 0 || (typeof length === "number" && length !== data.length) || data.length === 0) {
        throw new PrumergeError("INVALID_TENSOR", "the vision graph takes another number of values", {
          expected: `[${[length, ...others].join(", ")}]`,
          found: `[${data.length}]`,
          where: name,
        });
      }
      return [name, tensors.int64([...data], [data.length])] as const;
    }),
  );
}
