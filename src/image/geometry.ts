import type { Aspect, PreprocessSpec } from "./preprocess-spec.js";
import type { Canvas, Rectangle } from "./resize-options.js";

/** Where the tower's square lies, at every step from the picture to it. */
export interface Geometry {
  /** Surface that is resized; the picture itself unless padded. */
  readonly canvas: Canvas;
  /** Size to which the canvas is resized. */
  readonly resized: { readonly width: number; readonly height: number };
  /** The square in resized pixels; reaches over the edges where `shortestEdge` is smaller than `size`. */
  readonly square: Rectangle;
  /** The square in pixels of the picture. */
  readonly view: Rectangle;
}

/**
 * Works out resizing, cropping and padding of a picture, in the integer arithmetic of Hugging Face's CLIP and SigLIP
 * processors (shorter side to `shortestEdge`, longer to int(shortestEdge * long / short); crop at floor((side - size) / 2))
 * and of the original LLaVA's `expand2square` (picture at offset floor(difference / 2)).
 */
export function pictureGeometry(
  width: number,
  height: number,
  spec: PreprocessSpec,
  aspect: Exclude<Aspect, "anyres" | "native">,
): Geometry {
  const canvas = aspect === "pad" ? paddedCanvas(width, height, spec) : plainCanvas(width, height);
  const resized =
    aspect === "stretch" ? { width: spec.size, height: spec.size } : shortestEdgeSize(canvas, spec);
  const middle = middles[spec.resampler ?? "pillow"];
  const square = {
    x: middle((resized.width - spec.size) / 2),
    y: middle((resized.height - spec.size) / 2),
    width: spec.size,
    height: spec.size,
  };
  // Products first: whole numbers where the square shows whole pixels.
  const across = (length: number) => (length * canvas.width) / resized.width;
  const down = (length: number) => (length * canvas.height) / resized.height;
  const view = {
    x: across(square.x) - canvas.x,
    y: down(square.y) - canvas.y,
    width: across(square.width),
    height: down(square.height),
  };
  return { canvas, resized, square, view };
}

/** Where the square is larger by an odd number, or the picture, programs put the extra line on different sides. */
const middles: Readonly<Record<NonNullable<PreprocessSpec["resampler"]>, (half: number) => number>> = {
  pillow: Math.floor,
  torchvision: Math.trunc,
  "torchvision-0.15": halfToEven,
  pytorchvideo: halfToEven,
};

/** Python's `round`. */
function halfToEven(value: number): number {
  return value % 1 === 0 ? value : 2 * Math.round(value / 2);
}

function plainCanvas(width: number, height: number): Canvas {
  return { width, height, x: 0, y: 0, fill: [0, 0, 0] };
}

function paddedCanvas(width: number, height: number, spec: PreprocessSpec): Canvas {
  const side = Math.max(width, height);
  const { fill = spec.mean } = spec;
  const [red, green, blue] = fill.map((share) => Math.min(255, Math.max(0, Math.trunc(share * 255))));
  return {
    width: side,
    height: side,
    x: Math.floor((side - width) / 2),
    y: Math.floor((side - height) / 2),
    fill: [red, green, blue],
  };
}

function shortestEdgeSize(canvas: Canvas, spec: PreprocessSpec): Geometry["resized"] {
  const edge = spec.shortestEdge;
  if (spec.resampler === "pytorchvideo") return ratioSize(canvas, edge);
  return canvas.width <= canvas.height
    ? { width: edge, height: Math.floor((edge * canvas.height) / canvas.width) }
    : { width: Math.floor((edge * canvas.width) / canvas.height), height: edge };
}

/** The ratio is rounded before it is multiplied, which may cost a pixel. */
function ratioSize({ width, height }: Canvas, edge: number): Geometry["resized"] {
  return width < height
    ? { width: edge, height: Math.floor((height / width) * edge) }
    : { width: Math.floor((width / height) * edge), height: edge };
}
