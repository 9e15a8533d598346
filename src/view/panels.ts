import type { Picture, Rectangle } from "../image/index.js";
import { insideOf, type Region } from "../reduce/sites.js";
import type { Inspection } from "./inspection.js";
import { plural } from "./numbers.js";
import type { Panel, Stage } from "./stage.js";

/** Between two panels, and above each, where its name stands. */
const gap = 28;
/** Of a panel's picture, drawing units. */
const least = { width: 576, height: 576 };
const most = { width: 1152, height: 1152 };
/** Of the smallest patch, where the panel does not become too large. */
const smallestCell = 10;

/**
 * The drawing of a picture of several views: views that overlap, as the whole picture and its tiles do, are drawn on the
 * picture in panels of their own, each patch where it lies.
 */
export function createPanels({ picture, regions }: Pick<Inspection, "picture" | "regions">): Stage {
  const groups = apart(regions);
  const scale = scaleOf(picture, regions);
  const size = { width: picture.width * scale, height: picture.height * scale };
  const beside = size.width <= 1.6 * size.height;
  const origins = groups.map((_, at) =>
    beside ? { x: at * (size.width + gap), y: gap } : { x: 0, y: gap + at * (size.height + gap) },
  );
  const inDrawing = ({ x, y, width, height }: Rectangle, panel: number): Rectangle => ({
    x: origins[panel].x + x * scale,
    y: origins[panel].y + y * scale,
    width: width * scale,
    height: height * scale,
  });
  const panels = groups.map((group, at): Panel => {
    const all = { x: 0, y: 0, width: picture.width, height: picture.height };
    const drawn = inDrawing(all, at);
    return { name: nameOf(group, regions, all), picture: drawn, grid: drawn };
  });
  const last = panels.at(-1)!.picture;
  return {
    panels,
    regions: regions.map((region, at) => {
      const panel = groups.findIndex((group) => group.includes(at));
      return { region, grid: inDrawing(region.rectangle, panel), panel };
    }),
    box: { x: 0, y: 0, width: last.x + last.width, height: last.y + last.height },
  };
}

/** Numbers of views that do not overlap, the group of the fewest first. */
function apart(regions: readonly Region[]): number[][] {
  const groups: number[][] = [];
  for (const [at, region] of regions.entries()) {
    const free = groups.find((group) => group.every((other) => !overlap(region, regions[other])));
    if (free === undefined) groups.push([at]);
    else free.push(at);
  }
  return groups.sort((a, b) => a.length - b.length);
}

/** Whether more than a thousandth of the smaller lies in both. */
function overlap(a: Region, b: Region): boolean {
  const [one, other] = [a.rectangle, b.rectangle];
  const along = (start: "x" | "y", length: "width" | "height") =>
    Math.min(one[start] + one[length], other[start] + other[length]) - Math.max(one[start], other[start]);
  const [across, down] = [along("x", "width"), along("y", "height")];
  const smaller = Math.min(one.width * one.height, other.width * other.height);
  return across > 0 && down > 0 && across * down > smaller / 1000;
}

/** Drawing units to a pixel of the picture. */
function scaleOf(picture: Picture, regions: readonly Region[]): number {
  const cells = regions
    .filter((region) => insideOf(region).rows * insideOf(region).columns > 0)
    .map(({ rectangle, columns }) => rectangle.width / columns);
  const fit = (size: typeof least) => Math.min(size.width / picture.width, size.height / picture.height);
  return Math.min(fit(most), Math.max(fit(least), smallestCell / Math.min(...cells)));
}

function nameOf(group: readonly number[], regions: readonly Region[], all: Rectangle): string {
  const isWhole = group.length === 1 && isAll(regions[group[0]].rectangle, all);
  return isWhole ? "the whole picture" : plural(group.length, "tile");
}

/**
 * Whether a view is of the whole picture, but for pixels at its edges that make no patch. One of several tiles shows half of it at most
 * in one direction.
 */
export function isAll(rectangle: Rectangle, { width, height }: Pick<Rectangle, "width" | "height">): boolean {
  return (
    rectangle.x <= 0 &&
    rectangle.y <= 0 &&
    rectangle.x + rectangle.width >= 0.75 * width &&
    rectangle.y + rectangle.height >= 0.75 * height
  );
}
