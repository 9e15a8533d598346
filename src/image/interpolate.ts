import { PrumergeError } from "../errors.js";
import type { ResampleFilter } from "./filter.js";
import type { Geometry } from "./geometry.js";
import type { Picture } from "./picture.js";
import { checkPicture } from "./raw-picture.js";
import type { Canvas } from "./resize-options.js";

/** Keys' cubic as PyTorch has it where it does not antialias. */
const cubic = -0.75;

/** What an output reads of an axis, four places at most. */
interface Reach {
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

/**
 * A square of a resized picture as PyTorch's `interpolate` computes it on floats: without antialiasing, so that a large picture
 * is read at few places only. Places beyond the canvas are its edge's; what of the square lies outside the resized picture is 0.
 *
 * @returns float32 [3, height, width], in the picture's own 0 .. 255 and, for bicubic, somewhat beyond
 * @throws PrumergeError INVALID_OPTION for a filter that PyTorch has no interpolation of, INVALID_IMAGE for a malformed picture
 */
export function interpolateSquare(
  picture: Picture,
  { canvas, resized, square }: Geometry,
  filter: ResampleFilter,
): Float32Array {
  checkPicture(picture);
  const reach = reaches[filter as keyof typeof reaches];
  if (reach === undefined) {
    throw new PrumergeError("INVALID_OPTION", "a filter that is not run on floats", {
      where: "resample",
      expected: Object.keys(reaches).join(", "),
      found: filter,
    });
  }
  const across = axisOf(reach, canvas.width, resized.width, square.x, square.width);
  const down = axisOf(reach, canvas.height, resized.height, square.y, square.height);
  const size = square.width * square.height;
  const planes = new Float32Array(3 * size);
  const lines = new Map<number, Float64Array>();
  down.forEach(({ places, weights }, y) => {
    places.forEach((row, i) => {
      const line = lines.get(row) ?? lineOf(picture, canvas, row, across);
      lines.set(row, line);
      for (let channel = 0; channel < 3; channel++) {
        const to = channel * size + y * square.width;
        for (let x = 0; x < square.width; x++)
          planes[to + x] += line[channel * square.width + x] * weights[i];
      }
    });
    for (const row of lines.keys()) if (row < places[0]) lines.delete(row);
  });
  return planes;
}

/** A row of the canvas as its outputs read it, channel by channel. */
function lineOf(picture: Picture, canvas: Canvas, row: number, across: readonly Reach[]): Float64Array {
  const width = across.length;
  const line = new Float64Array(3 * width);
  const top = row - canvas.y;
  const beside = top < 0 || top >= picture.height;
  across.forEach(({ places, weights }, x) => {
    for (let j = 0; j < places.length; j++) {
      const left = places[j] - canvas.x;
      const outside = beside || left < 0 || left >= picture.width;
      const from = (top * picture.width + left) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const value = outside ? canvas.fill[channel] : picture.data[from + channel];
        line[channel * width + x] += value * weights[j];
      }
    }
  });
  return line;
}

/** What each output of an axis reads; nothing outside the resized picture. */
function axisOf(
  reach: (at: number, last: number) => Reach,
  length: number,
  target: number,
  from: number,
  count: number,
): Reach[] {
  const scale = Math.fround(length / target);
  return Array.from({ length: count }, (_, at) => {
    const output = from + at;
    if (output < 0 || output >= target) return { places: [], weights: [] };
    if (length === target) return { places: [output], weights: [1] };
    return reach(Math.fround(Math.fround(scale * (output + 0.5)) - 0.5), length - 1);
  });
}

const reaches = {
  bilinear(at: number, last: number): Reach {
    const place = Math.max(0, at);
    const first = Math.floor(place);
    const share = Math.fround(place - first);
    return { places: [first, Math.min(first + 1, last)], weights: [1 - share, share] };
  },
  bicubic(at: number, last: number): Reach {
    const first = Math.floor(at);
    const share = Math.fround(at - first);
    const near = (x: number) => ((cubic + 2) * x - (cubic + 3)) * x * x + 1;
    const far = (x: number) => ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic;
    const within = (place: number) => Math.min(Math.max(place, 0), last);
    return {
      places: [first - 1, first, first + 1, first + 2].map(within),
      weights: [far(share + 1), near(share), near(1 - share), far(2 - share)],
    };
  },
};
