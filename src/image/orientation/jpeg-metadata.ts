import { beginsWith, joined } from "./bytes.js";
import type { PictureMetadata } from "./picture-metadata.js";

const exifHead = "Exif\0\0";
const xmpHead = "http://ns.adobe.com/xap/1.0/\0";

/** Markers that stand alone, without a length: a temporary one, restarts, begin and end. */
const alone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
const applicationOne = 0xe1;
const startOfScan = 0xda;

interface Segment {
  readonly marker: number;
  /** From its marker to its end. */
  readonly start: number;
  readonly end: number;
  readonly content: Uint8Array;
}

/** The segments before the first scan; what stands between them is passed over, as Pillow does. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0 || alone(marker)) {
      at += 2;
      continue;
    }
    if (marker === startOfScan) return;
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const end = at + 2 + Math.max(2, length);
    yield { marker, start: at, end, content: bytes.subarray(at + 4, end) };
    at = end;
  }
}

/** EXIF and XMP of a JPEG file as Pillow gathers them: later EXIF segments continue the first, the last XMP packet counts. */
export function jpegMetadata(bytes: Uint8Array): PictureMetadata {
  const exif: Uint8Array[] = [];
  let xmp: Uint8Array | undefined;
  for (const { marker, content } of segmentsOf(bytes)) {
    if (marker !== applicationOne) continue;
    if (beginsWith(content, exifHead))
      exif.push(exif.length === 0 ? content : content.subarray(exifHead.length));
    if (beginsWith(content, xmpHead)) xmp = content.subarray(xmpHead.length);
  }
  return { ...(exif.length > 0 && { exif: joined(exif) }), ...(xmp && { xmp }) };
}

/** The file in parts, without its EXIF. */
export function withoutJpegExif(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { marker, start, end, content } of segmentsOf(bytes)) {
    if (marker !== applicationOne || !beginsWith(content, exifHead)) continue;
    parts.push(bytes.subarray(from, start));
    from = end;
  }
  return [...parts, bytes.subarray(from)];
}
