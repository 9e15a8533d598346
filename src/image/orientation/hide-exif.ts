import type { PictureFormat } from "../signature.js";
import { withoutJpegExif } from "./jpeg-metadata.js";
import { withoutPngExif } from "./png-metadata.js";
import { withoutWebpExif } from "./webp-metadata.js";

/**
 * A picture file, in parts, whose decoder does not find EXIF: browsers turn pictures by some of what EXIF says, and
 * cannot be told not to. What is turned by {@link readOrientation} afterwards must come out as it is stored.
 */
export function hideExif(format: PictureFormat, bytes: Uint8Array): Uint8Array[] {
  if (format === "jpeg") return withoutJpegExif(bytes);
  if (format === "png") return withoutPngExif(bytes);
  return format === "webp" ? withoutWebpExif(bytes) : [bytes];
}
