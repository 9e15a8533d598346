import { PrumergeError } from "../errors.js";
import type { Picture, PixelValues } from "./picture.js";
import { preprocess } from "./preprocess.js";
import type { PreprocessSpec } from "./preprocess-spec.js";

/**
 * Makes a vision tower's input from frames of a video, a view of each: of a model that sees pictures in tiles the whole frame,
 * stretched to the tower's square. Which frames to take of a video is the caller's choice. As transformers' video processor of
 * LLaVA-OneVision does on torchvision, and the original LLaVA on Pillow.
 *
 * @param frames at least one, in their order
 * @throws PrumergeError INVALID_OPTION without a frame; INVALID_IMAGE or LIMIT_EXCEEDED for a malformed one
 */
export function preprocessFrames(frames: readonly Picture[], spec: PreprocessSpec): PixelValues {
  const [first] = frames;
  if (first === undefined) {
    throw new PrumergeError("INVALID_OPTION", "a video without a frame", {
      where: "frames",
      expected: "at least one picture",
      found: "none",
    });
  }
  const options = spec.aspect === "anyres" ? ({ aspect: "stretch" } as const) : {};
  const views = frames.flatMap((picture, frame) =>
    preprocess(picture, spec, options).views.map((view) => ({ ...view, frame })),
  );
  return { views, picture: { width: first.width, height: first.height }, frames: frames.length };
}
