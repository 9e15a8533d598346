import { PrumergeError } from "../errors.js";
import { rgbaToRgb } from "../image/colour.js";
import type { Picture } from "../image/index.js";
import { checkPicture, isRawPicture, type RawPicture } from "../image/raw-picture.js";
import { readSignature } from "../image/signature.js";
import type { TransferredPicture } from "./worker-setup.js";

/** As in Node: larger files are no pictures for a tower of a few hundred pixels. */
const maxBytes = 128 * 1024 * 1024;
const maxPixels = 100_000_000;

/**
 * Decodes a picture by the browser's own decoders, upright, colour profiles ignored, transparency on white: what
 * `decodePicture` does in Node with sharp. PNG, WebP without loss and GIF come out equal to the bit; JPEG may differ by
 * a level or two where decoders round differently, half-transparent pixels likewise.
 *
 * @throws PrumergeError INVALID_IMAGE for what the browser does not decode, LIMIT_EXCEEDED
 */
export async function decodeInBrowser(source: TransferredPicture): Promise<Picture> {
  if (isRawPicture(source)) return rawPicture(source);
  const bitmap = source instanceof Blob ? await decodeFile(source) : source;
  try {
    checkPixels(bitmap.width * bitmap.height, `${bitmap.width} x ${bitmap.height}`);
    return readBack(bitmap);
  } finally {
    bitmap.close();
  }
}

async function decodeFile(file: Blob): Promise<ImageBitmap> {
  if (file.size > maxBytes) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a picture file is too large", {
      where: "picture",
      expected: `at most ${maxBytes} bytes`,
      found: `${file.size} bytes`,
    });
  }
  const { format, name } = readSignature(new Uint8Array(await file.slice(0, 64).arrayBuffer()));
  if (format === undefined) {
    throw new PrumergeError("INVALID_IMAGE", "not a picture that is read", {
      where: "picture",
      expected: "JPEG, PNG, WebP, GIF or AVIF",
      found: file.size === 0 ? "an empty file" : name,
    });
  }
  return createImageBitmap(file, {
    imageOrientation: "from-image",
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  }).catch((cause: unknown) => {
    throw new PrumergeError("INVALID_IMAGE", `a ${name} file is damaged, or not read by this browser`, {
      where: "picture",
      cause,
    });
  });
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

function rawPicture(raw: RawPicture): Picture {
  checkPicture(raw, [3, 4]);
  const { width, height, data } = raw;
  checkPixels(width * height, `${width} x ${height}`);
  if (data.length === width * height * 4) return { width, height, data: rgbaToRgb(data, "white") };
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

function checkPixels(pixels: number, found: string): void {
  if (pixels <= maxPixels) return;
  throw new PrumergeError("LIMIT_EXCEEDED", "a picture has too many pixels", {
    where: "picture",
    expected: `at most ${maxPixels}`,
    found,
  });
}
