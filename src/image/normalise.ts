import type { Picture } from "./picture.js";
import type { PreprocessSpec } from "./preprocess-spec.js";
import type { Rectangle } from "./resize-options.js";

/**
 * (value x rescale - mean) / deviation in float32 per channel, of a part of a resized picture; what lies outside the
 * picture counts as 0 before it.
 *
 * @param part in the picture's pixels; may reach over the edges or lie outside
 * @returns float32 [3, height, width]
 */
export function normalisePart(
  picture: Picture,
  part: Rectangle,
  spec: Pick<PreprocessSpec, "rescale" | "resampler" | "mean" | "deviation">,
): Float32Array {
  const { width, height } = part;
  const [left, right] = within(part.x, width, picture.width);
  const [top, bottom] = within(part.y, height, picture.height);
  const covered = right - left === width && bottom - top === height;
  const result = new Float32Array(3 * width * height);
  for (let channel = 0; channel < 3; channel++) {
    const table = valueTable(spec, spec.mean[channel], spec.deviation[channel]);
    const plane = result.subarray(channel * width * height, (channel + 1) * width * height);
    if (!covered) plane.fill(table[0]);
    for (let y = top; y < bottom; y++) {
      let from = ((part.y + y) * picture.width + part.x + left) * 3 + channel;
      for (let x = left; x < right; x++, from += 3) plane[y * width + x] = table[picture.data[from]];
    }
  }
  return result;
}

/**
 * (value x rescale - mean) / deviation in float32 of values that are no whole numbers, in place.
 *
 * @param planes float32 [3, height, width]
 */
export function normalisePlanes(
  planes: Float32Array,
  { rescale, mean, deviation }: Pick<PreprocessSpec, "rescale" | "mean" | "deviation">,
): Float32Array {
  const size = planes.length / 3;
  for (let channel = 0; channel < 3; channel++) {
    const [centre, width] = [mean[channel], deviation[channel]];
    const plane = planes.subarray(channel * size, (channel + 1) * size);
    plane.forEach((value, at) => {
      plane[at] = (value * rescale - centre) / width;
    });
  }
  return planes;
}

/** The pixels of one axis of the part that lie in the picture, counted from the part's edge; none where `to` is no more. */
function within(start: number, size: number, length: number): [from: number, to: number] {
  return [Math.max(0, -start), Math.min(size, length - start)];
}

/** A pixel has 256 values: each is rounded once per step, as numpy and PyTorch do on float32. */
function valueTable(
  { rescale, resampler }: Pick<PreprocessSpec, "rescale" | "resampler">,
  mean: number,
  deviation: number,
): Float32Array {
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
