/** Rows and columns of patches in raster order. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** A part of a grid. */
export interface GridPart extends Grid {
  readonly top: number;
  readonly left: number;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The patches of one view of a picture: sites `first` .. `first + rows * columns - 1`, raster order. */
export interface Region extends Grid {
  readonly first: number;
  /** What of the picture the grid covers, in its pixels; beyond its edges where it was padded. */
  readonly rectangle: Rectangle;
  /** 0 in a still picture. */
  readonly frame: number;
  /**
   * The patches that show the picture, all where it is left out, none where it has no rows or no columns. The others show
   * padding: no method reads them, keeps them or merges them.
   */
  readonly inside?: GridPart;
}

/** The patches of a picture, over all of its views: what the columns of a plan's W are. */
export interface Sites {
  /** N, in all regions. */
  readonly count: number;
  readonly regions: readonly Region[];
}

/** The patches of a picture that is one grid. */
export function oneRegion({ rows, columns }: Grid, rectangle: Rectangle): Sites {
  return { count: rows * columns, regions: [{ first: 0, rows, columns, rectangle, frame: 0 }] };
}

/** The part of a region that shows the picture. */
export function insideOf({ rows, columns, inside }: Region): GridPart {
  return inside ?? { top: 0, left: 0, rows, columns };
}

/** Whether every patch of a region shows the picture. */
export function isWhole(region: Region): boolean {
  const { rows, columns } = insideOf(region);
  return rows === region.rows && columns === region.columns;
}

/** Sites of a region's patches that show the picture, raster order. */
export function insideSites(region: Region): Int32Array {
  const { top, left, rows, columns } = insideOf(region);
  return Int32Array.from(
    { length: rows * columns },
    (_, i) => region.first + (top + Math.floor(i / columns)) * region.columns + left + (i % columns),
  );
}
