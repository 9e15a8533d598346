import type { Orientation } from "./read-orientation.js";

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Turns interleaved pixels upright, as Pillow's `exif_transpose` does; those that are upright are handed back. */
export function turnPixels(picture: Pixels, orientation: Orientation, channels: 3 | 4): Pixels {
  if (orientation === 1) return picture;
  const { width, height, data } = picture;
  const [right, down] = [channels, width * channels];
  const [lastX, lastY] = [(width - 1) * right, (height - 1) * down];
  // Where the upper left pixel comes from, and how far apart in the source a row's pixels and the rows are.
  const [first, across, along] = (
    {
      2: [lastX, -right, down],
      3: [lastX + lastY, -right, -down],
      4: [lastY, right, -down],
      5: [0, down, right],
      6: [lastY, -down, right],
      7: [lastX + lastY, -down, -right],
      8: [lastX, down, -right],
    } as const
  )[orientation];
  const lying = orientation >= 5;
  const [columns, rows] = lying ? [height, width] : [width, height];
  const result = new Uint8Array(data.length);
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0, from = first + y * along; x < columns; x++, from += across, at += channels) {
      for (let c = 0; c < channels; c++) result[at + c] = data[from + c];
    }
  }
  return { width: columns, height: rows, data: result };
}
