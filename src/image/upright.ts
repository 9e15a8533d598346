import type { Sharp } from "sharp";
import type { Orientation } from "./orientation/read-orientation.js";

/** Mirrored left to right or top to bottom first, as sharp orders it, then turned clockwise. */
const turns: Readonly<Record<Orientation, readonly [degrees: number, flop: boolean, flip: boolean]>> = {
  1: [0, false, false],
  2: [0, true, false],
  3: [180, false, false],
  4: [0, false, true],
  5: [90, false, true],
  6: [90, false, false],
  7: [270, false, true],
  8: [270, false, false],
};

/** Turns a picture upright. Not left to sharp, which looks for orientation in fewer places than Pillow does. */
export function turnUpright(image: Sharp, orientation: Orientation): Sharp {
  const [degrees, flop, flip] = turns[orientation];
  if (degrees !== 0) image.rotate(degrees);
  return image.flop(flop).flip(flip);
}
