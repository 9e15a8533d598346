import type { Region, Sites } from "../../reduce/sites.js";
import type { SitePlaces } from "../family.js";

/**
 * Where a picture's merged tokens stand in Qwen-VL's language models, whose positions have three coordinates: all at the
 * picture's beginning in time, each at its row and its column from there. What comes after it goes on behind the picture's
 * longer side (transformers `get_rope_index`). Those of a video stand later in time by its region, and what comes after them
 * goes on behind the furthest coordinate, as Qwen's own rule and transformers up to 4.57 have it; later versions leave time out.
 *
 * @param time of a region of a video, by its number; default: that number
 */
export function gridPlaces({ count, regions }: Sites, time: (region: number) => number = same): SitePlaces {
  const axes = threeAxes(count);
  let advance = 0;
  for (const [number, region] of regions.entries()) {
    const at = time(number);
    place(axes, region, { at, rows: 0, columns: 0 });
    advance = Math.max(advance, at + 1, region.rows, region.columns);
  }
  return { ...axes, advance };
}

/** Those of regions that stand one after another, each as a picture of its own, with a text between every two. */
export function picturePlaces({ count, regions }: Sites): SitePlaces {
  const axes = threeAxes(count);
  const starts: number[] = [];
  let next = 0;
  for (const region of regions) {
    starts.push(next);
    place(axes, region, { at: next, rows: next, columns: next });
    next += Math.max(region.rows, region.columns);
  }
  return { ...axes, starts, advance: next };
}

/**
 * Qwen2.5-VL's clock, in float32 as transformers 5 reckons it: so many steps for each second, and none for a part of one.
 *
 * @param seconds from one temporal patch to the next
 */
export function timeOf(seconds: number, tokensPerSecond: number): (patch: number) => number {
  const { fround } = Math;
  const interval = fround(tokensPerSecond * fround(seconds));
  return (patch) => Math.trunc(fround(patch * interval));
}

const same = (region: number) => region;

type Axes = Required<Pick<SitePlaces, "at" | "rows" | "columns">>;

function threeAxes(count: number): Axes {
  return { at: new Int32Array(count), rows: new Int32Array(count), columns: new Int32Array(count) };
}

function place(
  axes: Axes,
  { first, rows, columns }: Region,
  start: Readonly<Record<keyof Axes, number>>,
): void {
  for (let i = 0; i < rows * columns; i++) {
    axes.at[first + i] = start.at;
    axes.rows[first + i] = start.rows + Math.floor(i / columns);
    axes.columns[first + i] = start.columns + (i % columns);
  }
}
