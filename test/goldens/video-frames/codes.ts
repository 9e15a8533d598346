import type { Picture } from "../../../src/image/picture.js";

/** Blocks of a frame that are white for 1, the most significant first: two rows of four below the strip of colours. */
const rows = 2;
const columns = 4;

/** The number that a recorded clip's frame bears. */
export function readCode({ width, height, data }: Picture): number {
  let code = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const y = Math.floor(height * (0.25 + (0.75 * (row + 0.5)) / rows));
      const x = Math.floor((width * (column + 0.5)) / columns);
      code = code * 2 + (data[(y * width + x) * 3]! > 127 ? 1 : 0);
    }
  }
  return code;
}

/** Red, green and blue in the middle of the strip's left and right half. */
export function stripOf({ width, height, data }: Picture): readonly (readonly number[])[] {
  const y = Math.floor(height / 8);
  return [0.25, 0.75].map((share) => {
    const at = (y * width + Math.floor(width * share)) * 3;
    return [...data.subarray(at, at + 3)];
  });
}
