import type { Picture } from "./picture.js";
import type { PreprocessSpec } from "./preprocess-spec.js";
import type { Rectangle } from "./resize-options.js";

/**
 * (value x rescale - mean) / deviation in float32 per channel, of a square of a resized picture; what lies outside the
 * picture counts as 0 before it.
 *
 * @param at the square's top left corner in the picture's pixels; the square may reach over the edges or lie outside
 * @returns float32 [3, size, size]
 */
export function normaliseSquare(
  picture: Picture,
  at: Pick<Rectangle, "x" | "y">,
  spec: PreprocessSpec,
): Float32Array {
  const { size } = spec;
  const [left, right] = within(at.x, size, picture.width);
  const [top, bottom] = within(at.y, size, picture.height);
  const covered = right - left === size && bottom - top === size;
  const result = new Float32Array(3 * size * size);
  for (let channel = 0; channel < 3; channel++) {
    const table = valueTable(spec, spec.mean[channel], spec.deviation[channel]);
    const plane = result.subarray(channel * size * size, (channel + 1) * size * size);
    if (!covered) plane.fill(table[0]);
    for (let y = top; y < bottom; y++) {
      let from = ((at.y + y) * picture.width + at.x + left) * 3 + channel;
      for (let x = left; x < right; x++, from += 3) plane[y * size + x] = table[picture.data[from]];
    }
  }
  return result;
}

/** The pixels of one axis of the square that lie in the picture, counted from the square's edge; none where `to` is no more. */
function within(start: number, size: number, length: number): [from: number, to: number] {
  return [Math.max(0, -start), Math.min(size, length - start)];
}

/** A pixel has 256 values: each is rounded once per step, as numpy and PyTorch do on float32. */
function valueTable({ rescale, resampler }: PreprocessSpec, mean: number, deviation: number): Float32Array {
  const table = new Float32Array(256);
  if (resampler !== "torchvision") {
    const [centre, width] = [Math.fround(mean), Math.fround(deviation)];
    return table.map((_, value) => Math.fround(Math.fround(value * rescale) - centre) / width);
  }
  if (mean === 0 && deviation === 1) return table.map((_, value) => value * Math.fround(rescale));
  // The torchvision backend scales mean and deviation up instead of the pixels down.
  const scale = Math.fround(1 / rescale);
  const [centre, width] = [mean, deviation].map((value) => Math.fround(Math.fround(value) * scale));
  return table.map((_, value) => Math.fround(value - centre) / width);
}
