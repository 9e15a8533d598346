import { PrumergeError } from "../errors.js";

/** Of a picture that keeps nearly its own size: what its sides are multiples of, and how large it may be. */
export interface NativeArea {
  /** Both sides are multiples of it, pixels. */
  readonly unit: number;
  /** Pixels, inclusive; {@link checkArea} says which are taken. */
  readonly min: number;
  readonly max: number;
}

/** No picture is enlarged or left beyond it: 300 MB of RGB. */
export const largestArea = 100_000_000;

/** Exactly that many times as long as wide is still taken. */
const longestRatio = 200;

/**
 * The size to which Qwen2-VL's image processor (`smart_resize`) and its successors' bring a picture: the nearest multiples
 * of the unit, halves to the even one, or where that is too large or too small the multiples below, or above, the picture
 * shrunk, or enlarged, to the limit. In doubles, in the order of transformers 5.24. An extreme shape may come out beyond a
 * limit, since no side becomes shorter than the unit.
 *
 * @throws PrumergeError INVALID_IMAGE for a picture more than 200 times as long as wide
 */
export function nativeSize(
  width: number,
  height: number,
  { unit, min, max }: NativeArea,
): { readonly width: number; readonly height: number } {
  refuseLong(width, height);
  const across = halfToEven(width / unit) * unit;
  const down = halfToEven(height / unit) * unit;
  const area = height * width;
  if (down * across > max) {
    const by = Math.sqrt(area / max);
    const fit = (side: number) => Math.max(unit, Math.floor(side / by / unit) * unit);
    return { width: fit(width), height: fit(height) };
  }
  if (down * across < min) {
    const by = Math.sqrt(min / area);
    const fit = (side: number) => Math.ceil((side * by) / unit) * unit;
    return { width: fit(width), height: fit(height) };
  }
  return { width: across, height: down };
}

/** @throws PrumergeError INVALID_IMAGE for a shape that no Qwen-VL takes */
export function refuseLong(width: number, height: number): void {
  const ratio = Math.max(width, height) / Math.min(width, height);
  if (ratio <= longestRatio) return;
  throw new PrumergeError("INVALID_IMAGE", "a picture is too long for this model", {
    expected: `one side at most ${longestRatio} times the other`,
    found: `${width} x ${height}`,
    help: "Cut it into several pictures",
  });
}

/** What is wrong with limits, in words; undefined for limits that are taken. */
export function checkArea({ min, max }: Pick<NativeArea, "min" | "max">): string | undefined {
  const whole = [min, max].every((area) => Number.isSafeInteger(area) && area >= 1 && area <= largestArea);
  return whole && min <= max ? undefined : `${min} to ${max} pixels`;
}

/** What {@link checkArea} takes, in words. */
export const expectedArea = `whole numbers of pixels up to ${largestArea}, the smaller first`;

/** As Python rounds. */
export function halfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
