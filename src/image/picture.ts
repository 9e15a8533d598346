/** A decoded picture: 8-bit RGB, interleaved, rows from the top; `data.length` is width * height * 3. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What the vision tower gets, and where it lies in the picture. */
export interface PixelValues {
  /** float32 [3, size, size], normalised. */
  readonly data: Float32Array;
  readonly size: number;
  /** Rectangle of the picture, in its pixels, that the square shows; beyond the picture's edges where it was padded. */
  readonly view: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}
