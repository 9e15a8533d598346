import type sharpFactory from "sharp";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { PrumergeError } from "../errors.js";
import { decodeAvif } from "./avif/decode-avif.js";
import { cmykToRgb } from "./colour.js";
import { colourFree, readGifHeader } from "./gif/gif-header.js";
import { readOrientation } from "./orientation/read-orientation.js";
import { turnPixels } from "./orientation/turn-pixels.js";
import type { PictureBytes } from "./read-source.js";
import type { PictureFormat } from "./signature.js";
import { readTiffKind } from "./tiff/tiff-kind.js";
import { turnUpright } from "./upright.js";

/** Decoded pixels, upright: 8-bit RGB, or RGBA where there is opacity. */
export interface DecodedFile {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** Refuses a picture by its sides, which its header says, before anything is decoded. */
export type SizeCheck = (width: number, height: number) => void;

/** `error` refuses truncated and broken data but, like Pillow, not what only draws a warning. */
const openOptions: SharpOptions = { failOn: "error", ignoreIcc: true };

/**
 * Decodes a picture file to what Pillow shows: unpacked by sharp, and what sharp does otherwise than Pillow set right.
 *
 * @throws PrumergeError for kinds that are not read; what `check` and sharp throw
 */
export async function decodeFile(
  sharp: typeof sharpFactory,
  file: PictureBytes,
  format: PictureFormat,
  maxPixels: number,
  check: SizeCheck,
): Promise<DecodedFile> {
  const { bytes, where } = file;
  const checkHeader = ({ width, height, pageHeight }: Metadata) => check(width, pageHeight ?? height);
  const open = (encoded: Uint8Array, limitInputPixels: number | false) =>
    sharp(encoded, { ...openOptions, limitInputPixels });
  if (format === "avif") {
    const avif = await decodeAvif(bytes, (planes) => open(planes, false), checkHeader, where);
    const { width, height, data } = turnPixels(avif, avif.orientation, avif.channels);
    return { width, height, channels: avif.channels, data };
  }
  const tiff = format === "tiff" ? readTiffKind(bytes, where) : undefined;
  const encoded = tiff?.bytes ?? bytes;
  const header = await open(encoded, false).metadata();
  checkHeader(header);
  const { orientation } = await readOrientation(format, bytes);
  const image = turnUpright(open(encoded, maxPixels), orientation);
  if (header.space === "cmyk") return decodeCmyk(image, header, where);
  const decoded = await samples(tiff?.dropsExtra ? image.removeAlpha() : image, where);
  tiff?.convert?.(decoded.data);
  if (format === "gif") finishGif(decoded, file);
  return decoded;
}

async function decodeCmyk(image: Sharp, { depth }: Metadata, where: string): Promise<DecodedFile> {
  image.pipelineColourspace("cmyk").toColourspace("cmyk").removeAlpha();
  const wide = depth === "ushort";
  const { data, info } = await image
    .raw({ depth: wide ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 4) refuseChannels(info.channels, "4 of colour", where);
  const { width, height } = info;
  const inks = wide ? upperBytes(new Uint16Array(data.buffer, data.byteOffset, data.length / 2)) : data;
  return { width, height, channels: 3, data: cmykToRgb(inks) };
}

async function samples(image: Sharp, where: string): Promise<DecodedFile> {
  image.toColourspace("srgb");
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) {
    return refuseChannels(channels, "3 of colour, with or without one of transparency", where);
  }
  return { width, height, channels, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

function finishGif(picture: DecodedFile, { bytes, where }: PictureBytes): void {
  const header = readGifHeader(bytes);
  if (header === undefined) {
    throw new PrumergeError("INVALID_IMAGE", "a GIF file without colours", {
      where,
      expected: "a palette, of the file or of its first picture",
      help: "Save the picture as PNG",
    });
  }
  const covers =
    header.left === 0 && header.top === 0 && header.right >= picture.width && header.bottom >= picture.height;
  if (header.transparent || !covers) colourFree(picture, header);
}

function refuseChannels(found: number, expected: string, where: string): never {
  throw new PrumergeError("INVALID_IMAGE", "a picture with channels beyond colour and transparency", {
    where,
    expected,
    found: `${found}`,
  });
}

function upperBytes(samples: Uint16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => sample >> 8);
}
