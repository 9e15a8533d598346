import type sharpFactory from "sharp";
import { PrumergeError } from "../errors.js";
import { type FigureOptions, overlaySvg } from "./figure.js";
import type { Inspection } from "./inspection.js";
import { pictureUri } from "./picture-uri.js";

export interface PngOptions extends FigureOptions {
  /** Pixels, 64 to 8192. Default 1232: two pixels per drawing unit for a 24 x 24 grid. */
  readonly width?: number;
}

/**
 * The figure of {@link overlaySvg} as a PNG file. On a machine without fonts the words are left out.
 *
 * @throws PrumergeError INVALID_OPTION for a width out of range
 */
export async function renderPng(inspection: Inspection, options: PngOptions = {}): Promise<Uint8Array> {
  const width = options.width ?? 1232;
  if (!Number.isInteger(width) || width < 64 || width > 8192) {
    throw new PrumergeError("INVALID_OPTION", "a figure's width is out of range", {
      expected: "a whole number from 64 to 8192",
      found: String(width),
      where: "width",
    });
  }
  const { default: sharp } = await import("sharp");
  const words = options.words ?? (await hasFonts(sharp));
  const svg = overlaySvg(inspection, await pictureUri(inspection.picture), { ...options, words });
  // Drawn at twice the natural size and scaled from there, text and lines stay sharp.
  return sharp(Buffer.from(svg), { density: 144 }).resize({ width }).png({ compressionLevel: 9 }).toBuffer();
}

/** Without fonts every letter is the same empty box. */
async function hasFonts(sharp: typeof sharpFactory): Promise<boolean> {
  const widthOf = async (text: string) =>
    (await sharp({ text: { text, font: "sans", dpi: 300 } }).metadata()).width;
  return (await widthOf("ll")) !== (await widthOf("WW"));
}
