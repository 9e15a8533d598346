import type { Inspection } from "./inspection.js";
import { dimColour, markColours, paddingColour, rampColour } from "./palette.js";
import { cell, cellWidth, middle, type Stage } from "./stage.js";
import { attentionStrengths } from "./strength.js";
import { box, num, rectanglePath } from "./svg.js";

/** The picture, on the grey of CLIP's mean colour where it was padded. */
export function pictureLayer(stage: Stage, href: string): string {
  const ground = `<rect ${box(stage.grid)} fill="${paddingColour}"/>`;
  return `${ground}<image ${box(stage.picture)} preserveAspectRatio="none" href="${href}"/>`;
}

/** A veil over what the vision tower never saw, and a frame round what it did. */
export function unseenLayer(stage: Stage, paper: string): string {
  const { box: all, grid } = stage;
  const larger = all.width > grid.width + 0.5 || all.height > grid.height + 0.5;
  if (!larger) return "";
  const veil = `<path fill-rule="evenodd" fill="${paper}" fill-opacity=".72" d="${rectanglePath(all)}${rectanglePath(grid)}"/>`;
  return `${veil}<rect ${box(grid)} fill="none" stroke="${dimColour}" stroke-opacity=".5"/>`;
}

/** Darkens the patches on which no visual token stands. */
export function dimLayer(inspection: Inspection, stage: Stage): string {
  const kept = new Set(inspection.plan.keptPatches);
  let path = "";
  for (let row = 0; row < stage.rows; row++) {
    for (let column = 0; column < stage.columns; column++) {
      const patch = row * stage.columns + column;
      let run = 0;
      while (column + run < stage.columns && !kept.has(patch + run)) run++;
      if (run > 0) path += rectanglePath({ ...cell(stage, patch), width: run * cellWidth });
      column += run;
    }
  }
  return `<path fill="${dimColour}" fill-opacity=".74" d="${path}"/>`;
}

/** Outlines of the kept patches, the brighter and thicker the more attention they get. */
export function keptLayer(inspection: Inspection, stage: Stage): string {
  const strengths = attentionStrengths(inspection);
  const marks = inspection.rows.map(({ keptPatch, kind }) => {
    if (keptPatch < 0) return "";
    const strength = strengths?.[keptPatch] ?? 0.5;
    const width = 1 + 2 * strength;
    const { x, y, ...size } = cell(stage, keptPatch);
    const inner = {
      x: x + width / 2,
      y: y + width / 2,
      width: size.width - width,
      height: size.height - width,
    };
    const ink = `stroke="${markColours[kind]}" stroke-width="${num(width)}" stroke-opacity="${num(0.35 + 0.65 * strength)}"`;
    return `<rect ${box(inner)} ${ink}/>`;
  });
  return `<g fill="none">${marks.join("")}</g>`;
}

/** Colours every patch by a share from 0 to 1. */
export function heatLayer(stage: Stage, shares: ArrayLike<number>): string {
  const cells = Array.from(
    shares,
    (share, patch) => `<rect ${box(cell(stage, patch))} fill="${rampColour(share)}"/>`,
  );
  return `<g fill-opacity=".82" shape-rendering="crispEdges">${cells.join("")}</g>`;
}

/** Per patch, into how many visual tokens it went besides the global one, as a share of the most. */
export function mergeShares(inspection: Inspection): Float64Array {
  const counts = Float64Array.from(
    inspection.patchRows,
    (rows) => rows.filter(({ row }) => inspection.rows[row].keptPatch >= 0).length,
  );
  const most = Math.max(1, ...counts);
  return counts.map((count) => count / most);
}

/**
 * Lines from the merged patches to each visual token, shown while the pointer is on its patch: CSS alone, so that it
 * works in a plain SVG file.
 */
export function hoverLayer(inspection: Inspection, stage: Stage): string {
  const style =
    "<style>.token path{visibility:hidden;pointer-events:none}.token:hover path{visibility:visible}</style>";
  const groups = inspection.rows.map((row, index) => {
    if (row.keptPatch < 0) return "";
    const to = middle(stage, row.keptPatch);
    const others = row.sources.filter(
      ({ patch }) => patch !== row.keptPatch && patch < inspection.plan.patches,
    );
    const lines = others.map(({ patch }) => {
      const from = middle(stage, patch);
      return `M${num(from.x)} ${num(from.y)}L${num(to.x)} ${num(to.y)}`;
    });
    const colour = markColours[row.kind];
    const title = `<title>visual token ${index + 1}: ${others.length} patches merged in</title>`;
    const target = `<rect ${box(cell(stage, row.keptPatch))} fill-opacity="0"/>`;
    return `<g class="token">${title}${target}<path d="${lines.join("")}" stroke="${colour}" stroke-width="1.5" stroke-linecap="round"/></g>`;
  });
  return style + groups.join("");
}
