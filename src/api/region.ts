/** Of a picture, in its pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Part of a grid of patches. */
export interface GridPart {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/** The patches of one view. */
export interface Region {
  /** Number of its first patch. */
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  /** What of the picture it covers. */
  readonly rectangle: Rectangle;
  /** Of a video, from 0. */
  readonly frame: number;
  /** The patches that show the picture, where not all do. */
  readonly inside?: GridPart;
}
