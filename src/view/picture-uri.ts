import type { Picture } from "../image/index.js";

/** Longest side that is embedded; a drawing shows no more. */
const longestSide = 1344;

/** Below this many pixels PNG stays small enough to keep every pixel as it is. */
const exactPixels = 400_000;

/** A picture as a data URI, for drawings that need no other file; large ones are scaled down and stored as JPEG. */
export async function pictureUri(picture: Picture): Promise<string> {
  const { default: sharp } = await import("sharp");
  const { width, height, data } = picture;
  const image = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  if (width * height <= exactPixels) {
    return `data:image/png;base64,${(await image.png({ compressionLevel: 9 }).toBuffer()).toString("base64")}`;
  }
  const smaller = image.resize({
    width: longestSide,
    height: longestSide,
    fit: "inside",
    withoutEnlargement: true,
  });
  return `data:image/jpeg;base64,${(await smaller.jpeg({ quality: 88 }).toBuffer()).toString("base64")}`;
}
