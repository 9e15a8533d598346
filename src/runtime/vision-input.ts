import { PrumergeError } from "../errors.js";
import { visionInputs } from "../graphs/contract.js";
import type { TowerFeed } from "../graphs/tower-feed.js";
import { firstNonFinite } from "../tensor/finite.js";
import type { TowerInput } from "./engine.js";
import type { OrtTensor, Session, Tensors } from "./session.js";
import { portOf } from "./tensors.js";

/**
 * Checks one view, or frames that are seen at once, against what a vision graph takes.
 *
 * @returns shape to feed, [frames, 3, height, width]
 * @throws PrumergeError INVALID_TENSOR for another size, or NaN or Inf
 */
export function checkView(session: Session, view: TowerInput): number[] {
  const { data, height, width, following = [] } = view;
  const all = [data, ...following];
  const declared = portOf(session.inputs, visionInputs.pixels, session.path).shape;
  const dims = [all.length, 3, height, width];
  const fits = declared.every((size, axis) => typeof size === "string" || size === dims[axis]);
  const sides = [height, width].every((side) => Number.isInteger(side) && side >= 1);
  const wrong = all.find(({ length }) => length !== 3 * height * width);
  if (!sides || wrong !== undefined || declared.length !== 4 || !fits) {
    throw new PrumergeError("INVALID_TENSOR", "the vision tower takes pixel values of another size", {
      expected: `[${declared.join(", ")}]`,
      found: `[${dims.join(", ")}] with ${(wrong ?? data).length} numbers${all.length > 1 ? " in a frame" : ""}`,
      where: visionInputs.pixels,
    });
  }
  for (const pixels of all) {
    const at = firstNonFinite(pixels);
    if (at < 0) continue;
    throw new PrumergeError("INVALID_TENSOR", "a pixel value is not a number", {
      expected: "finite numbers",
      found: `${pixels[at]} at ${at}`,
      where: visionInputs.pixels,
    });
  }
  return dims;
}

/** The pixel values of a view, or of all frames that are seen at once. */
export function pixelsOf({ data, following = [] }: TowerInput): Float32Array {
  if (following.length === 0) return data;
  const all = new Float32Array(data.length * (following.length + 1));
  for (const [at, frame] of [data, ...following].entries()) all.set(frame, at * data.length);
  return all;
}

/**
 * What a view brings along for the graph beside its pixels.
 *
 * @param settings inputs that are no view's
 * @throws PrumergeError INVALID_TENSOR for what the graph does not take, takes in another shape, or was not given
 */
export function viewFeeds(
  session: Session,
  { feeds = {} }: TowerInput,
  settings: readonly string[],
  tensors: Tensors,
): Readonly<Record<string, OrtTensor>> {
  const others = [visionInputs.pixels, ...settings, ...Object.keys(feeds)];
  const missing = session.inputs.find(({ name }) => !others.includes(name));
  if (missing !== undefined) {
    throw new PrumergeError("INVALID_TENSOR", "the vision graph takes more of a view than was given", {
      expected: missing.name,
      found: Object.keys(feeds).join(", ") || "pixels alone",
      where: session.path,
    });
  }
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [name, tensorOf(session, name, feed, tensors)]),
  );
}

function tensorOf(session: Session, name: string, feed: TowerFeed, tensors: Tensors): OrtTensor {
  const { shape } = portOf(session.inputs, name, session.path);
  const { type, dims, data } = feed;
  const fits =
    shape.length === dims.length &&
    shape.every((size, axis) => typeof size === "string" || size === dims[axis]);
  if (!fits || data.length === 0 || data.length !== dims.reduce((product, size) => product * size, 1)) {
    throw new PrumergeError("INVALID_TENSOR", "the vision graph takes another number of values", {
      expected: `[${shape.join(", ")}]`,
      found: `[${dims.join(", ")}] with ${data.length} numbers`,
      where: name,
    });
  }
  if (type === "float32") return tensors.float32(data, dims);
  if (type === "bool") return tensors.bool(data, dims);
  return type === "int32" ? tensors.int32(data, dims) : tensors.int64(data, dims);
}
