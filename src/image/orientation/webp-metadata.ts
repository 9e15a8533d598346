import { latin1 } from "./bytes.js";
import type { PictureMetadata } from "./picture-metadata.js";

const exifFlag = 0x08;
const xmpFlag = 0x04;
const flagsAt = 20;

/** EXIF and XMP of a WebP file: the first chunk of each that its header announces, as libwebp's demuxer gives them. */
export function webpMetadata(bytes: Uint8Array): PictureMetadata {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isExtended(bytes)) return {};
  const flags = bytes[flagsAt];
  const found: { exif?: Uint8Array; xmp?: Uint8Array } = {};
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = latin1(bytes.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    const chunk = bytes.subarray(at + 8, at + 8 + size);
    if (name === "EXIF" && flags & exifFlag) found.exif ??= chunk;
    if (name === "XMP " && flags & xmpFlag) found.xmp ??= chunk;
    at += 8 + size + (size & 1);
  }
  return found;
}

/** The file in parts, saying that it has no EXIF. */
export function withoutWebpExif(bytes: Uint8Array): Uint8Array[] {
  if (!isExtended(bytes)) return [bytes];
  const flags = Uint8Array.of(bytes[flagsAt] & ~exifFlag);
  return [bytes.subarray(0, flagsAt), flags, bytes.subarray(flagsAt + 1)];
}

function isExtended(bytes: Uint8Array): boolean {
  return bytes.length >= 30 && latin1(bytes.subarray(12, 16)) === "VP8X";
}
