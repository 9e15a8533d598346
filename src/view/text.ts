import type { Picture, Rectangle } from "../image/index.js";
import { insideSites } from "../reduce/sites.js";
import { createStage } from "./create-stage.js";
import type { Inspection } from "./inspection.js";
import { weight } from "./numbers.js";
import { cell, middle, type Stage } from "./stage.js";
import { attentionRange } from "./strength.js";
import { attentionName, composition, headline, signsInWords } from "./summary.js";

export interface TextOptions {
  /** 24-bit colours by ANSI escapes; without them kept patches are blocks. Default false. */
  readonly colour?: boolean;
  /** Columns and half lines per patch: 1 (24 columns and 12 lines for 24 x 24 patches) or 2. Default 2 with colours, else 1. */
  readonly detail?: 1 | 2;
}

type Colour = readonly [number, number, number];

/** How much light is left to patches that were left out. */
const dimmed = 0.22;

/** Half blocks of a line of several views; a terminal is hardly wider. */
const widest = 96;

/** At most this many pixels are averaged along each side of a cell. */
const samplesPerSide = 12;

/**
 * A small picture for a terminal, two half blocks per character: kept patches in their mean colour, the others dark. Of several
 * views each panel of {@link Stage} is a picture under its name, at most 96 characters wide.
 *
 * @returns lines joined by `\n`, the last one ended too
 */
export function renderText(inspection: Inspection, options: TextOptions = {}): string {
  const detail = options.detail ?? (options.colour === true ? 2 : 1);
  const stage = createStage(inspection);
  const kept = new Set(inspection.plan.keptPatches);
  const lines = stage.panels.flatMap((panel, at) => [
    ...(panel.name === "" ? [] : [`${panel.name}:`]),
    ...panelLines(rasterOf(inspection, stage, at, detail), kept, inspection, options.colour === true),
  ]);
  return `${[headline(inspection), ...lines, ...footer(inspection)].join("\n")}\n`;
}

/** Half blocks in rows and columns over a part of the picture. */
interface Raster {
  readonly rows: number;
  readonly columns: number;
  /** Of the picture, pixels. */
  readonly area: Rectangle;
  /** The patches under a half block. */
  patches(row: number, column: number): readonly number[];
}

/** The patches of a panel, `detail` half blocks each along both sides, or where they are many, several in one. */
function rasterOf({ view, picture }: Inspection, stage: Stage, panel: number, detail: number): Raster {
  const own = stage.regions.filter((region) => region.panel === panel);
  if (stage.panels.length === 1 && own.length === 1) {
    const { rows, columns } = own[0].region;
    const patches = (row: number, column: number) => [
      Math.floor(row / detail) * columns + Math.floor(column / detail),
    ];
    return { rows: rows * detail, columns: columns * detail, area: view, patches };
  }
  const { grid } = stage.panels[panel];
  const { region, grid: first } = own.find(({ region }) => insideSites(region).length > 0) ?? own[0];
  const sides = { width: first.width / region.columns, height: first.height / region.rows };
  const across = Math.min(widest, Math.round((grid.width / sides.width) * detail));
  const down = Math.max(1, Math.round(((across / grid.width) * grid.height * sides.width) / sides.height));
  const found = new Map<string, number[]>();
  for (const site of own.flatMap(({ region }) => [...insideSites(region)])) {
    const { x, y } = middle(stage, site);
    // Every half block that the patch covers, and one where it covers none whole.
    const { width, height } = cell(stage, site);
    const from = (start: number, length: number, origin: number, all: number, count: number) => {
      const scale = count / all;
      const least = Math.round((start - origin) * scale);
      return [least, Math.max(least + 1, Math.round((start + length - origin) * scale))] as const;
    };
    const [left, right] = from(x - width / 2, width, grid.x, grid.width, across);
    const [top, bottom] = from(y - height / 2, height, grid.y, grid.height, down);
    for (let row = Math.max(0, top); row < Math.min(down, bottom); row++)
      for (let column = Math.max(0, left); column < Math.min(across, right); column++)
        found.set(`${row} ${column}`, [...(found.get(`${row} ${column}`) ?? []), site]);
  }
  return {
    rows: down,
    columns: across,
    area: { x: 0, y: 0, width: picture.width, height: picture.height },
    patches: (row, column) => found.get(`${row} ${column}`) ?? [],
  };
}

function panelLines(
  raster: Raster,
  kept: ReadonlySet<number>,
  { picture }: Inspection,
  colour: boolean,
): string[] {
  const { rows, columns } = raster;
  const isKept = (x: number, y: number) => raster.patches(y, x).some((patch) => kept.has(patch));
  const lines: string[] = [];
  for (let y = 0; y < rows; y += 2) {
    const cells = Array.from({ length: columns }, (_, x) => {
      const upper = isKept(x, y);
      const lower = y + 1 < rows && isKept(x, y + 1);
      if (!colour) return block(upper, lower);
      const shade = (down: number, bright: boolean) =>
        cellColour(picture, raster, x, y + down, bright ? 1 : dimmed);
      return `\x1b[38;2;${shade(0, upper).join(";")}m\x1b[48;2;${shade(1, lower).join(";")}m\u2580`;
    });
    lines.push(cells.join("") + (colour ? "\x1b[0m" : ""));
  }
  return lines;
}

function footer(inspection: Inspection): string[] {
  const parts = composition(inspection).map(({ text }) => text);
  const { outliers, shownLevels } = inspection;
  if (outliers === undefined || shownLevels === undefined) return [parts.join(", ")];
  const { least, most } = attentionRange(shownLevels);
  const { firstQuartile, thirdQuartile, fence } = outliers;
  return [
    parts.join(", "),
    `${attentionName(inspection)} ${weight(least)} to ${weight(most)}, middle half ${weight(firstQuartile)} to ${weight(thirdQuartile)}, fence ${weight(fence)}`,
    ...(inspection.signs === undefined ? [] : [signsInWords(inspection).join(", ")]),
  ];
}

function block(upper: boolean, lower: boolean): string {
  if (upper && lower) return "\u2588";
  if (upper) return "\u2580";
  return lower ? "\u2584" : "\u00b7";
}

/** Mean colour of what a half block shows, sampled evenly; grey where the picture was padded. */
function cellColour(
  picture: Picture,
  { rows, columns, area }: Raster,
  x: number,
  y: number,
  light: number,
): Colour {
  const width = area.width / columns;
  const height = area.height / rows;
  const across = Math.max(1, Math.min(samplesPerSide, Math.round(width)));
  const down = Math.max(1, Math.min(samplesPerSide, Math.round(height)));
  const sum = [0, 0, 0];
  for (let i = 0; i < across * down; i++) {
    const column = Math.floor(area.x + (x + ((i % across) + 0.5) / across) * width);
    const row = Math.floor(area.y + (y + (Math.floor(i / across) + 0.5) / down) * height);
    const inside = column >= 0 && row >= 0 && column < picture.width && row < picture.height;
    const at = (row * picture.width + column) * 3;
    for (let c = 0; c < 3; c++) sum[c] += inside ? picture.data[at + c] : 110;
  }
  const [red, green, blue] = sum.map((value) => Math.round((value / (across * down)) * light));
  return [red, green, blue];
}
