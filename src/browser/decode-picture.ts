import { PrumergeError } from "../errors.js";
import { rgbaToRgb } from "../image/colour.js";
import type { Picture } from "../image/index.js";
import { hideExif } from "../image/orientation/hide-exif.js";
import { type Orientation, readOrientation } from "../image/orientation/read-orientation.js";
import { turnPixels } from "../image/orientation/turn-pixels.js";
import { checkPicture, isRawPicture, type RawPicture } from "../image/raw-picture.js";
import { readSignature } from "../image/signature.js";
import type { TransferredPicture } from "./worker-setup.js";

/** Most bytes of a file, and most pixels. */
interface PictureLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** As in Node: larger files are no pictures for a tower of a few hundred pixels. */
export const usualLimits: PictureLimits = { maxBytes: 128 * 1024 * 1024, maxPixels: 100_000_000 };

/**
 * Decodes a picture by the browser's own decoders, colour profiles ignored, transparency on white, and turned upright by
 * the same rules as in Node. Opaque PNG, WebP without loss and GIF come out equal to the bit; JPEG may differ by a level
 * or two where decoders round differently. What else may differ stands in docs/pictures.md.
 *
 * @throws PrumergeError INVALID_IMAGE for what the browser does not decode, LIMIT_EXCEEDED
 */
export async function decodeInBrowser(
  source: TransferredPicture,
  limits: PictureLimits = usualLimits,
): Promise<Picture> {
  if (isRawPicture(source)) return rawPicture(source, limits);
  if (!(source instanceof Blob)) return readAndClose(source, 1, limits);
  const { bitmap, orientation } = await decodeFile(source, limits);
  return readAndClose(bitmap, orientation, limits);
}

function readAndClose(bitmap: ImageBitmap, orientation: Orientation, limits: PictureLimits): Picture {
  try {
    checkPixels(bitmap.width * bitmap.height, `${bitmap.width} x ${bitmap.height}`, limits);
    return turnPixels(readBack(bitmap), orientation, 3);
  } finally {
    bitmap.close();
  }
}

async function decodeFile(
  file: Blob,
  { maxBytes }: PictureLimits,
): Promise<{ bitmap: ImageBitmap; orientation: Orientation }> {
  if (file.size > maxBytes) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a picture file is too large", {
      where: "picture",
      expected: `at most ${maxBytes} bytes`,
      found: `${file.size} bytes`,
    });
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { format, name } = readSignature(bytes);
  if (format === undefined) {
    throw new PrumergeError("INVALID_IMAGE", "not a picture that is read", {
      where: "picture",
      expected: "JPEG, PNG, WebP, GIF or AVIF",
      found: file.size === 0 ? "an empty file" : name,
    });
  }
  const { orientation } = await readOrientation(format, bytes);
  const parts = hideExif(format, bytes);
  const shown = parts.length === 1 ? file : new Blob(parts as BlobPart[]);
  const bitmap = await createImageBitmap(shown, {
    // AVIF is turned by its boxes, which every browser heeds.
    imageOrientation: "from-image",
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  }).catch((cause: unknown) => {
    throw new PrumergeError("INVALID_IMAGE", `a ${name} file is damaged, or not read by this browser`, {
      where: "picture",
      cause,
    });
  });
  return { bitmap, orientation };
}

function readBack(bitmap: ImageBitmap): Picture {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new PrumergeError("RUNTIME", "this browser gives no canvas to read a picture's pixels from");
  }
  context.drawImage(bitmap, 0, 0);
  return { width, height, data: rgbaToRgb(context.getImageData(0, 0, width, height).data, "white") };
}

function rawPicture(raw: RawPicture, limits: PictureLimits): Picture {
  checkPicture(raw, [3, 4]);
  const { width, height, data } = raw;
  checkPixels(width * height, `${width} x ${height}`, limits);
  if (data.length === width * height * 4) return { width, height, data: rgbaToRgb(data, "white") };
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

function checkPixels(pixels: number, found: string, { maxPixels }: PictureLimits): void {
  if (pixels <= maxPixels) return;
  throw new PrumergeError("LIMIT_EXCEEDED", "a picture has too many pixels", {
    where: "picture",
    expected: `at most ${maxPixels}`,
    found,
  });
}
