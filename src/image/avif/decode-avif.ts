import type { Metadata, Sharp } from "sharp";
import { PrumergeError } from "../../errors.js";
import { type Orientation, orientationOf } from "../orientation/read-orientation.js";
import { type AvifHeader, readAvifHeader } from "./avif-header.js";
import { exposePlanes } from "./expose-planes.js";
import { isKnownCoding, planesToRgb, wantedBits } from "./planes-to-rgb.js";

/** An AVIF picture decoded, not yet turned upright. */
export interface AvifPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  /** 8-bit RGB, or RGBA where there is opacity. */
  readonly data: Uint8Array;
  readonly orientation: Orientation;
}

/**
 * Decodes an AVIF file as Pillow does, from luma and chroma: sharp's own conversion repeats chroma instead of
 * interpolating it, is up to 140 levels off at edges of colour, and cuts the picture where Pillow does not.
 *
 * @param open opens a file with sharp
 * @param check refuses a picture by its header
 * @throws PrumergeError INVALID_IMAGE for colours that are coded in a way that is not read; what sharp throws
 */
export async function decodeAvif(
  bytes: Uint8Array,
  open: (bytes: Uint8Array) => Sharp,
  check: (header: Metadata) => void,
  where: string,
): Promise<AvifPicture> {
  const header = readAvifHeader(bytes, where);
  const { coding, depth } = header;
  if (!isKnownCoding(header)) {
    const range = coding.full ? "full" : "limited";
    throw new PrumergeError("INVALID_IMAGE", "an AVIF file with a colour matrix that is not read", {
      where,
      expected: "BT.601, BT.709, BT.2020 (non-constant luminance), or identity in full range",
      found: `matrix coefficients ${coding.matrix} in ${range} range`,
      help: "Save the picture as PNG",
    });
  }
  const planes = exposePlanes(bytes, header);
  const found = await open(planes).metadata();
  check(found);
  const bits = wantedBits(header, found.hasAlpha);
  const image = open(planes);
  if (bits === 8) image.toColourspace("srgb");
  else image.toColourspace("rgb16");
  const { data, info } = await image
    .raw({ depth: bits === 8 ? "uchar" : "ushort" })
    .toBuffer({ resolveWithObject: true });
  const channels = info.channels === 4 ? 4 : 3;
  const samples = bits === 8 ? data : samplesOf(data, depth);
  const rgb = planesToRgb({ width: info.width, height: info.height, channels, data: samples }, header, bits);
  if (channels === 4 && header.premultiplied) divideByOpacity(rgb);
  return { width: info.width, height: info.height, channels, data: rgb, orientation: turned(header, found) };
}

/** sharp hands deeper samples out in the upper of 16 bits. */
function samplesOf(data: Uint8Array, depth: number): Uint16Array {
  return new Uint16Array(data.buffer, data.byteOffset, data.length / 2).map((value) => value >> (16 - depth));
}

/** Turns and mirrors of the file count; where there are none, XMP, but only where EXIF says nothing. */
function turned(header: AvifHeader, { exif, xmp }: Metadata): Orientation {
  if (header.orientation !== 1) return header.orientation;
  const found = orientationOf({ ...(exif && { exif }), ...(xmp && { xmp }) });
  return found.from === "xmp" ? found.orientation : 1;
}

/** In libyuv's 16-bit fixed point. */
function divideByOpacity(rgba: Uint8Array): void {
  for (let i = 0; i < rgba.length; i += 4) {
    const opacity = rgba[i + 3];
    const inverse = opacity === 0 ? 0 : Math.min(0xffff, Math.trunc(0x10000 / opacity));
    for (let c = 0; c < 3; c++) rgba[i + c] = Math.min(255, (rgba[i + c] * 257 * inverse) / 0x10000);
  }
}
