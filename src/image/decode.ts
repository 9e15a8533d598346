import { PrumergeError } from "../errors.js";
import { type AlphaRule, rgbaToRgb } from "./colour.js";
import { decodeFile, type SizeCheck } from "./decode-file.js";
import { loadSharp } from "./load-sharp.js";
import type { Picture } from "./picture.js";
import { checkPicture, isRawPicture, maximumSide, type RawPicture } from "./raw-picture.js";
import { type EncodedSource, type PictureBytes, readSource } from "./read-source.js";
import { readSignature } from "./signature.js";

/** Everything that is taken for a picture. */
export type PictureSource = EncodedSource | RawPicture;

export interface DecodeOptions {
  /** Largest file, bytes. Default 128 MiB. */
  readonly maxBytes?: number;
  /** Largest width x height, known from the header before anything is decoded. Default 100 million. */
  readonly maxPixels?: number;
  /** Transparent pixels: on `white`, as transformers 5 does, or `drop` the alpha as the original LLaVA did. Default `white`. */
  readonly alpha?: AlphaRule;
  readonly signal?: AbortSignal;
}

/** A phone's raw-size PNG fits; what is larger is no picture for a 336-pixel tower. */
const defaultMaxBytes = 128 * 1024 * 1024;

/** 300 MB of RGB; Pillow warns at 89 and refuses at 179 million. */
const defaultMaxPixels = 100_000_000;

/**
 * Decodes a picture: JPEG, PNG, WebP, GIF, AVIF or TIFF, told by its bytes and not by its name; the first frame or page
 * of several. Turned upright by what EXIF, else XMP says. Grey, palette, 16 bits (the upper 8), CMYK and YCbCr become
 * 8-bit RGB; colour profiles are ignored, as Pillow does. Pixels handed in as `{ width, height, data }` are checked and taken.
 * Needs the package `sharp` for anything but those.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_IMAGE (no picture, damaged, truncated or unreadable), LIMIT_EXCEEDED,
 * INVALID_OPTION, ABORTED, RUNTIME (the package `sharp` does not load)
 * @example
 * ```ts
 * const picture = await decodePicture("holiday.jpg");
 * ```
 */
export async function decodePicture(source: PictureSource, options: DecodeOptions = {}): Promise<Picture> {
  const maxBytes = limit("maxBytes", options.maxBytes ?? defaultMaxBytes);
  const maxPixels = limit("maxPixels", options.maxPixels ?? defaultMaxPixels);
  const alpha = alphaRule(options.alpha ?? "white");
  throwIfAborted(options.signal);
  if (isRawPicture(source)) {
    checkSides(source.width, source.height, maxPixels, "picture");
    return rawToPicture(source, alpha);
  }
  const file = await readSource(source, maxBytes, options.signal);
  const picture = await decodeBytes(file, maxPixels, alpha);
  throwIfAborted(options.signal);
  return picture;
}

function rawToPicture(raw: RawPicture, alpha: AlphaRule): Picture {
  checkPicture(raw, [3, 4]);
  const { width, height, data } = raw;
  if (data.length === width * height * 4) return { width, height, data: rgbaToRgb(data, alpha) };
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

async function decodeBytes(file: PictureBytes, maxPixels: number, alpha: AlphaRule): Promise<Picture> {
  const { format, name } = readSignature(file.bytes);
  if (format === undefined) {
    throw new PrumergeError("INVALID_IMAGE", "not a picture that is read", {
      where: file.where,
      expected: "JPEG, PNG, WebP, GIF, AVIF or TIFF",
      found: name,
      help: "Save the picture as PNG or JPEG",
    });
  }
  const sharp = await loadSharp();
  const check: SizeCheck = (width, height) => checkSides(width, height, maxPixels, file.where);
  try {
    const { width, height, channels, data } = await decodeFile(sharp, file, format, maxPixels, check);
    return { width, height, data: channels === 4 ? rgbaToRgb(data, alpha) : data };
  } catch (cause) {
    if (PrumergeError.isInstance(cause)) throw cause;
    throw new PrumergeError("INVALID_IMAGE", `a ${name} file is damaged or not of a kind that is read`, {
      where: file.where,
      found: cause instanceof Error ? cause.message.replace(/\s+/g, " ").trim() : String(cause),
      cause,
    });
  }
}

function checkSides(width: number, height: number, maxPixels: number, where: string): void {
  const found = `${width} x ${height}`;
  if (width * height > maxPixels) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a picture has too many pixels", {
      where,
      expected: `at most ${maxPixels}`,
      found,
    });
  }
  if (width > maximumSide || height > maximumSide) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a picture's side is too long", {
      where,
      expected: `at most ${maximumSide} pixels`,
      found,
    });
  }
}

function limit(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new PrumergeError("INVALID_OPTION", "a limit out of range", {
    where: name,
    expected: "a whole number of at least 1",
    found: String(value),
  });
}

function alphaRule(value: AlphaRule): AlphaRule {
  if (value === "white" || value === "drop") return value;
  throw new PrumergeError("INVALID_OPTION", "unknown treatment of transparency", {
    where: "alpha",
    expected: "white or drop",
    found: JSON.stringify(value),
  });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new PrumergeError("ABORTED", "decoding a picture was aborted", { cause: signal.reason });
}
