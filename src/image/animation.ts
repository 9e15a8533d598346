import type { SharpOptions } from "sharp";
import { PrumergeError } from "../errors.js";
import { rgbaToRgb } from "./colour.js";
import { loadSharp } from "./load-sharp.js";
import type { Picture } from "./picture.js";

/** An animated GIF or WebP, of which one frame after another can be had. */
export interface Animation {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** How long each frame is shown, milliseconds; left out where the file does not say it. */
  readonly delays?: readonly number[];
  /** A frame as it is seen, on white where nothing is; decoding goes through those before it. */
  frame(index: number): Promise<Picture>;
}

/**
 * Opens an animation; nothing of it is decoded until a frame is asked for.
 *
 * @param source path or bytes
 * @param where what to call it in messages
 * @throws PrumergeError INVALID_IMAGE for what cannot be read, RUNTIME where the package `sharp` does not load
 */
export async function openAnimation(source: string | Uint8Array, where: string): Promise<Animation> {
  const sharp = await loadSharp();
  const open = (options: SharpOptions) =>
    sharp(source, { failOn: "error", ignoreIcc: true, limitInputPixels: false, ...options });
  const guarded = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((cause: unknown) => {
      throw new PrumergeError("INVALID_IMAGE", "an animation is damaged or not of a kind that is read", {
        where,
        found: cause instanceof Error ? cause.message.replace(/\s+/g, " ").trim() : String(cause),
        cause,
      });
    });
  const { pages = 1, width, height, pageHeight, delay } = await guarded(open({ pages: -1 }).metadata());
  return {
    frames: pages,
    width,
    height: pageHeight ?? height,
    ...(delay?.length === pages && { delays: delay }),
    async frame(index) {
      const image = open({ page: index, pages: 1 }).toColourspace("srgb").ensureAlpha();
      const { data, info } = await guarded(
        image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true }),
      );
      return { width: info.width, height: info.height, data: rgbaToRgb(data, "white") };
    },
  };
}
