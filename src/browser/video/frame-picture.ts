import { PrumergeError } from "../../errors.js";
import { rgbaToRgb } from "../../image/colour.js";
import type { Orientation } from "../../image/orientation/read-orientation.js";
import { turnPixels } from "../../image/orientation/turn-pixels.js";
import type { Picture } from "../../image/picture.js";
import { planesToRgb, readsFormat } from "./yuv-to-rgb.js";

/** How a clip's frames are turned after decoding, as its file says. */
export interface Turn {
  /** Clockwise. */
  readonly degrees: number;
  /** Left and right exchanged afterwards. */
  readonly flipped: boolean;
}

/**
 * A decoded frame as a picture, turned upright. Colours are worked out here, from the planes: canvases and browsers differ in what
 * they take colours for that a file says nothing of, and in whether they fit them to a screen.
 *
 * @throws PrumergeError RUNTIME where the browser does not hand out the pixels
 */
export async function frameToPicture(frame: VideoFrame, turn: Turn): Promise<Picture> {
  return turnPixels(await readPlanes(frame), orientationOf(turn), 3);
}

/** A frame of an animation, on white where nothing is. */
export async function readOnWhite(frame: VideoFrame): Promise<Picture> {
  const { width, height } = visibleSize(frame);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null)
    throw new PrumergeError("RUNTIME", "this browser gives no canvas to read a picture's pixels from");
  context.drawImage(frame, 0, 0);
  return { width, height, data: rgbaToRgb(context.getImageData(0, 0, width, height).data, "white") };
}

/** What of a frame is seen, pixels as they are stored: not stretched where they are no squares. */
export function visibleSize({ visibleRect, displayWidth, displayHeight }: VideoFrame): {
  readonly width: number;
  readonly height: number;
} {
  return { width: visibleRect?.width ?? displayWidth, height: visibleRect?.height ?? displayHeight };
}

async function readPlanes(frame: VideoFrame): Promise<Picture> {
  const { width, height } = visibleSize(frame);
  const { format, colorSpace } = frame;
  // Of frames that stay with a graphics processor no format is told; browsers convert those.
  const asked = format !== null && readsFormat(format) ? undefined : ({ format: "RGBA" } as const);
  try {
    const data = new Uint8Array(frame.allocationSize(asked));
    const planes = await frame.copyTo(data, asked);
    const { matrix, fullRange } = colorSpace;
    const given = { format: asked?.format ?? format!, width, height, data, planes };
    return { width, height, data: planesToRgb({ ...given, matrix, fullRange: fullRange ?? false }) };
  } catch (cause) {
    throw new PrumergeError("RUNTIME", "this browser does not hand out the pixels of a video's frame", {
      found: `format ${format}`,
      cause,
    });
  }
}

/** EXIF's number for the same. */
function orientationOf({ degrees, flipped }: Turn): Orientation {
  const upright = ({ 0: 1, 90: 6, 180: 3, 270: 8 } as const)[degrees] ?? 1;
  return flipped ? ({ 1: 2, 6: 5, 3: 4, 8: 7 } as const)[upright] : upright;
}
