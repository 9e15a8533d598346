import type { Inspection } from "./inspection.js";
import { dimColour, markColours, paddingColour, rampColour } from "./palette.js";
import { cell, middle, regionAt, type Stage, shownSites } from "./stage.js";
import { attentionStrengths } from "./strength.js";
import { box, escapeText, num, rectanglePath } from "./svg.js";

/** The picture, on the grey of CLIP's mean colour where it was padded. */
export function pictureLayer(stage: Stage, href: string): string {
  const [first, ...others] = stage.panels;
  const ground = `<rect ${box(first.grid)} fill="${paddingColour}"/>`;
  const image = (id: string) =>
    `<image${id} ${box(first.picture)} preserveAspectRatio="none" href="${href}"/>`;
  if (others.length === 0) return ground + image("");
  // One copy of its bytes is enough.
  const again = others.map(
    ({ picture: { x, y } }) =>
      `<use href="#shown" x="${num(x - first.picture.x)}" y="${num(y - first.picture.y)}"/>`,
  );
  return image(' id="shown"') + again.join("");
}

/** A veil over what the vision tower never saw, and a frame round what it did. */
export function unseenLayer(stage: Stage, paper: string): string {
  if (stage.panels.length > 1) return ""; // the whole picture is one of the views
  const { box: all, panels } = stage;
  const { grid } = panels[0];
  const larger = all.width > grid.width + 0.5 || all.height > grid.height + 0.5;
  if (!larger) return "";
  const veil = `<path fill-rule="evenodd" fill="${paper}" fill-opacity=".72" d="${rectanglePath(all)}${rectanglePath(grid)}"/>`;
  return `${veil}<rect ${box(grid)} fill="none" stroke="${dimColour}" stroke-opacity=".5"/>`;
}

/** What each panel shows, above it, where there are several. */
export function panelNames({ panels }: Stage, colour: string): string {
  const texts = panels.map(({ name, picture: { x, y } }) =>
    name === ""
      ? ""
      : `<text x="${num(x)}" y="${num(y - 9)}" font-size="12.5" fill="${colour}">${escapeText(name)}</text>`,
  );
  return texts.join("");
}

/** Darkens the patches on which no visual token stands. */
export function dimLayer(inspection: Inspection, stage: Stage): string {
  const kept = new Set(inspection.plan.keptPatches);
  const path = runs(
    shownSites(stage).filter((site) => !kept.has(site)),
    stage,
  )
    .map(({ first, length }) => {
      const start = cell(stage, first);
      return rectanglePath({ ...start, width: start.width * length });
    })
    .join("");
  return `<path fill="${dimColour}" fill-opacity=".74" d="${path}"/>`;
}

/** Sites in ascending order as runs of neighbours in one row. */
function runs(sites: readonly number[], stage: Stage): { first: number; length: number }[] {
  const found: { first: number; length: number }[] = [];
  for (const site of sites) {
    const last = found.at(-1);
    const goesOn =
      last !== undefined &&
      site === last.first + last.length &&
      cell(stage, site).y === cell(stage, last.first).y;
    if (goesOn && regionAt(stage, site) === regionAt(stage, last.first)) last.length++;
    else found.push({ first: site, length: 1 });
  }
  return found;
}

/** Outlines of the kept patches, the brighter and thicker the more attention they get. */
export function keptLayer(inspection: Inspection, stage: Stage): string {
  const strengths = attentionStrengths(inspection);
  const marks = inspection.rows.map(({ keptPatch, kind }) => {
    if (keptPatch < 0) return "";
    const strength = strengths?.[keptPatch] ?? 0.5;
    const { x, y, ...size } = cell(stage, keptPatch);
    const width = Math.min(1 + 2 * strength, 0.3 * Math.min(size.width, size.height));
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
  const cells = shownSites(stage).map(
    (patch) => `<rect ${box(cell(stage, patch))} fill="${rampColour(shares[patch])}"/>`,
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
