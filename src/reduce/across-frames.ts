import { PrumergeError } from "../errors.js";
import type { Reducer } from "./reducer.js";

/** How {@link acrossFrames} is spelled among a method's options. */
export const acrossFramesOption = "acrossFrames";

/**
 * The reducer with one plan over all frames of a video, for one budget: what frames have in common is kept once, and frames with
 * more in them get more rows. It reads the frames as one tall picture, each with the attention of its own class token. Rows come in
 * the order of time, a row on no patch last. Pictures, and views of one, are seen as before.
 *
 * @throws PrumergeError INVALID_OPTION for methods that read one picture's grid or class token, or have it scaled down
 * @example
 * ```ts
 * const seen = await model.see(video, acrossFrames(cover({ tokens: 256 })));
 * ```
 */
export function acrossFrames(reducer: Reducer): Reducer {
  if (reducer.acrossFrames === true) return reducer;
  if (reducer.perFrame === true || reducer.keepsClassToken === true || reducer.pixelShare !== undefined) {
    throw new PrumergeError("INVALID_OPTION", "this method sees one picture at a time", {
      where: `${reducer.method}, ${acrossFramesOption}`,
      expected: "a method that reads patches wherever they lie",
      found: reducer.method,
      help: "Leave the option out: each frame is then reduced by itself",
    });
  }
  const options = Object.freeze({ ...reducer.options, [acrossFramesOption]: true });
  const { unbiased } = reducer;
  return Object.create(reducer, {
    acrossFrames: { value: true, enumerable: true },
    options: { value: options, enumerable: true },
    ...(unbiased && { unbiased: { value: acrossFrames(unbiased) } }),
  }) as Reducer;
}
