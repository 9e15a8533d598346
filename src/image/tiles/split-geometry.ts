/** Sizes in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The sizes that a picture goes through on its way into tiles. */
export interface SplitGeometry {
  /** The longest edge as the model wants it, the shape kept. */
  readonly scaled: Size;
  /** Whole tiles, the shape not kept. */
  readonly filled: Size;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The size of a picture with its longest edge brought to `edge`, also upwards: the other one cut off to a whole number, and
 * one more where that is odd. Source: transformers' `Idefics3ImageProcessor`, `_resize_output_size_rescale_to_max_len`, in
 * its order of operations in doubles.
 */
export function scaledToEdge({ width, height }: Size, edge: number): Size {
  const ratio = width / height;
  return width >= height
    ? { width: edge, height: Math.max(1, even(Math.trunc(edge / ratio))) }
    : { width: Math.max(1, even(Math.trunc(edge * ratio))), height: edge };
}

/**
 * The grid of tiles of a picture: both edges of the scaled picture filled up to whole tiles, which stretches it. Source:
 * transformers' `Idefics3ImageProcessor.resize_for_vision_encoder` and `split_images`. Where rounding leaves nothing of a
 * thin picture's short edge transformers fails; here it has one tile.
 *
 * @param edge the longest edge
 * @param tile side of a tile
 */
export function splitGeometry(picture: Size, edge: number, tile: number): SplitGeometry {
  const scaled = scaledToEdge(picture, edge);
  const ratio = scaled.width / scaled.height;
  const tiles = (length: number) => Math.max(1, Math.ceil(length / tile));
  const lying = scaled.width >= scaled.height;
  const long = tiles(lying ? scaled.width : scaled.height);
  const short = tiles(Math.trunc(lying ? (long * tile) / ratio : long * tile * ratio));
  const [columns, rows] = lying ? [long, short] : [short, long];
  return { scaled, filled: { width: columns * tile, height: rows * tile }, rows, columns };
}

function even(length: number): number {
  return length + (length % 2);
}
