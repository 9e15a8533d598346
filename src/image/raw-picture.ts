import { PrumergeError } from "../errors.js";
import type { Picture } from "./picture.js";

/**
 * Longest side that is taken, pixels: what JPEG can hold. A longer one makes no picture, but a square of that side, or
 * a strip resized until its short side fits, would need memory without bound.
 */
export const maximumSide = 65_535;

/** Pixels as a browser's `ImageData` holds them (RGBA), or as a {@link Picture} (RGB). */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  /** width * height * 3 bytes RGB or width * height * 4 bytes RGBA, rows from the top. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Whether a value looks like pixels handed in rather than a file. */
export function isRawPicture(value: unknown): value is RawPicture {
  return (
    typeof value === "object" && value !== null && "width" in value && "height" in value && "data" in value
  );
}

/**
 * Checks that a picture is what it says.
 *
 * @throws PrumergeError INVALID_IMAGE where sides or length do not fit, LIMIT_EXCEEDED beyond {@link maximumSide}
 */
export function checkPicture(picture: RawPicture, channels: readonly number[] = [3]): void {
  const { width, height, data } = picture;
  const found = `${width} x ${height} with ${data?.length ?? "no"} bytes`;
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 1 || height < 1) {
    throw new PrumergeError("INVALID_IMAGE", "a picture needs whole sides of at least one pixel", { found });
  }
  if (width > maximumSide || height > maximumSide) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a picture's side is too long", {
      expected: `at most ${maximumSide} pixels`,
      found: `${width} x ${height}`,
    });
  }
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (!bytes || !channels.some((channel) => data.length === width * height * channel)) {
    throw new PrumergeError("INVALID_IMAGE", "a picture's bytes do not fit its size", {
      expected: `${width} x ${height} x ${channels.join(" or ")} bytes in a Uint8Array`,
      found: bytes ? `${data.length} bytes` : `${Object.prototype.toString.call(data)}`,
    });
  }
}
