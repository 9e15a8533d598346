import type { PictureFormat } from "../signature.js";
import { readTiffDirectory, type TiffDirectory } from "../tiff/tiff-directory.js";
import { jpegMetadata } from "./jpeg-metadata.js";
import type { PictureMetadata } from "./picture-metadata.js";
import { pngMetadata } from "./png-metadata.js";
import { webpMetadata } from "./webp-metadata.js";

/** EXIF's numbers for how a picture lies: 1 upright, 2 to 4 mirrored or upside down, 5 to 8 on its side. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** How a picture lies, and who says so. */
export interface FoundOrientation {
  readonly orientation: Orientation;
  readonly from: "exif" | "xmp" | "nothing";
}

const upright: FoundOrientation = { orientation: 1, from: "nothing" };

const orientationTag = 0x0112;
const xmpTag = 700;

/**
 * How a picture file lies, by the rules of Pillow's `getexif` and `exif_transpose`: the EXIF tag where there is one
 * (whatever it says), else the first `tiff:Orientation` of the XMP packet. GIF has neither; AVIF says it in its boxes.
 *
 * @param bytes the whole file
 */
export async function readOrientation(format: PictureFormat, bytes: Uint8Array): Promise<FoundOrientation> {
  if (format === "jpeg") return orientationOf(jpegMetadata(bytes));
  if (format === "png") return orientationOf(await pngMetadata(bytes));
  if (format === "webp") return orientationOf(webpMetadata(bytes));
  if (format !== "tiff") return upright;
  const directory = readTiffDirectory(bytes);
  return directory === undefined ? upright : byDirectory(directory, directory.bytes(xmpTag));
}

/** What EXIF and XMP say together. */
export function orientationOf({ exif, xmp }: PictureMetadata): FoundOrientation {
  if (exif === undefined) return byXmp(xmp);
  const block = withoutHead(exif);
  if (block.length === 0) return byXmp(xmp);
  const directory = readTiffDirectory(block);
  // Pillow gives up on EXIF that does not begin as it must, and then does not look at XMP either.
  return directory === undefined ? upright : byDirectory(directory, xmp);
}

function byDirectory(directory: TiffDirectory, xmp: Uint8Array | undefined): FoundOrientation {
  if (!directory.entries.has(orientationTag)) return byXmp(xmp);
  return { orientation: known(directory.numbers(orientationTag, 1)?.[0]), from: "exif" };
}

/** Attribute or element, double quotes alone: what Pillow's pattern finds. */
function byXmp(xmp: Uint8Array | undefined): FoundOrientation {
  if (xmp === undefined) return upright;
  const found = /tiff:Orientation(?:="|>)([0-9])/.exec(new TextDecoder("latin1").decode(xmp));
  return found === null ? upright : { orientation: known(Number(found[1])), from: "xmp" };
}

function known(value: number | undefined): Orientation {
  return Number.isInteger(value) && value! >= 1 && value! <= 8 ? (value as Orientation) : 1;
}

function withoutHead(exif: Uint8Array): Uint8Array {
  const hasHead = (bytes: Uint8Array) => String.fromCharCode(...bytes.subarray(0, 6)) === "Exif\0\0";
  const once = hasHead(exif) ? exif.subarray(6) : exif;
  return once !== exif && hasHead(once) ? once.subarray(6) : once;
}
