/** A decoded picture: 8-bit RGB, interleaved, rows from the top; `data.length` is width * height * 3. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One input of the vision tower, and where it lies in the picture. */
export interface View {
  /** float32 [3, height, width], normalised. */
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  /** What of the picture it shows, in its pixels; beyond the picture's edges where it was padded. */
  readonly rectangle: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
  /** 0 in a still picture. */
  readonly frame: number;
  /** [height, width], not 0 where a pixel shows the picture and 0 where it was filled up; left out where all do. */
  readonly mask?: Uint8Array;
  /** Of a video, the frames after this one that the tower takes together with it, of its shape; left out: none. */
  readonly following?: readonly Float32Array[];
}

/** A picture as the vision tower takes it. */
export interface PixelValues {
  /** In the model's order: the whole picture and, before or after it, its tiles in raster order where there are any. */
  readonly views: readonly View[];
  /** The upright picture's size in pixels. */
  readonly picture: { readonly width: number; readonly height: number };
  /** How the tiles lie; left out where there are none. */
  readonly tiles?: { readonly rows: number; readonly columns: number };
  /** Of a video: how many frames the views show; left out of a still picture. */
  readonly frames?: number;
  /** Of a video whose model is told the time: when each view is shown, from the video's beginning, and from one to the next. */
  readonly times?: { readonly seconds: readonly number[]; readonly step: number };
}
