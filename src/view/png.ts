import type sharpFactory from "sharp";
import { PrumergeError } from "../errors.js";
import { type FigureOptions, overlaySvg } from "./figure.js";
import type { Inspection } from "./inspection.js";
import { pictureUri } from "./picture-uri.js";

/** Pixels; of a picture of several views twice as many. */
const usualWidth = 1232;

/** Longest side that librsvg draws. */
const mostPixels = 32_767;

export interface PngOptions extends FigureOptions {
  /**
   * Pixels, 64 to 8192. Default 1232: two pixels per drawing unit for a 24 x 24 grid; twice as many for several views. Less comes out where the height would
   * pass 32767 pixels: for a picture that is seen whole and is some 27 times as high as it is wide.
   */
  readonly width?: number;
}

/**
 * The figure of {@link overlaySvg} as a PNG file. On a machine without fonts the words are left out.
 *
 * @throws PrumergeError INVALID_OPTION for a width out of range
 */
export async function renderPng(inspection: Inspection, options: PngOptions = {}): Promise<Uint8Array> {
  const width = options.width ?? (inspection.regions.length > 1 ? 2 * usualWidth : usualWidth);
  if (!Number.isInteger(width) || width < 64 || width > 8192) {
    throw new PrumergeError("INVALID_OPTION", "a figure's width is out of range", {
      expected: "a whole number from 64 to 8192",
      found: String(width),
      where: "width",
    });
  }
  const uri = await pictureUri(inspection.picture);
  return svgToPng(
    async (fonts) => overlaySvg(inspection, uri, { ...options, words: options.words ?? fonts }),
    width,
  );
}

/**
 * A drawing as a PNG file.
 *
 * @param draw the whole SVG document, with or without words: there is a font to set them in or not
 * @param width pixels
 */
export async function svgToPng(
  draw: (words: boolean) => Promise<string>,
  width: number,
): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const svg = await draw(await hasFonts(sharp));
  // Drawn at twice the natural size and scaled from there, text and lines stay sharp.
  return sharp(Buffer.from(fitToPixels(svg, mostPixels / 2)), { density: 144 })
    .resize({ width, height: mostPixels, fit: "inside" })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** The same drawing in a size of at most so many pixels each way. */
function fitToPixels(svg: string, most: number): string {
  return svg.replace(/ width="([\d.]+)" height="([\d.]+)"/, (whole, width, height) => {
    const scale = most / Math.max(width, height);
    if (scale >= 1) return whole;
    const [across, down] = [width, height].map((side) => Math.max(1, Math.floor(side * scale)));
    return ` width="${across}" height="${down}"`;
  });
}

/** Without fonts every letter is the same empty box. */
async function hasFonts(sharp: typeof sharpFactory): Promise<boolean> {
  const widthOf = async (text: string) =>
    (await sharp({ text: { text, font: "sans", dpi: 300 } }).metadata()).width;
  return (await widthOf("ll")) !== (await widthOf("WW"));
}
