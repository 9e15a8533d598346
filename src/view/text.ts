import type { Inspection } from "./inspection.js";
import { weight } from "./numbers.js";
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

/** At most this many pixels are averaged along each side of a cell. */
const samplesPerSide = 12;

/**
 * A small picture for a terminal, two half blocks per character: kept patches in their mean colour, the others dark.
 *
 * @returns lines joined by `\n`, the last one ended too
 */
export function renderText(inspection: Inspection, options: TextOptions = {}): string {
  const detail = options.detail ?? (options.colour === true ? 2 : 1);
  const { rows, columns } = inspection.grid;
  const kept = new Set(inspection.plan.keptPatches);
  const isKept = (x: number, y: number) =>
    kept.has(Math.floor(y / detail) * columns + Math.floor(x / detail));
  const lines: string[] = [];
  for (let y = 0; y < rows * detail; y += 2) {
    const cells = Array.from({ length: columns * detail }, (_, x) => {
      const upper = isKept(x, y);
      const lower = y + 1 < rows * detail && isKept(x, y + 1);
      if (options.colour !== true) return block(upper, lower);
      const colour = (down: number, bright: boolean) =>
        cellColour(inspection, x, y + down, detail, bright ? 1 : dimmed);
      return `\x1b[38;2;${colour(0, upper).join(";")}m\x1b[48;2;${colour(1, lower).join(";")}m\u2580`;
    });
    lines.push(cells.join("") + (options.colour === true ? "\x1b[0m" : ""));
  }
  return `${[headline(inspection), ...lines, ...footer(inspection)].join("\n")}\n`;
}

function footer(inspection: Inspection): string[] {
  const parts = composition(inspection).map(({ text }) => text);
  const { outliers, classAttention } = inspection;
  if (outliers === undefined || classAttention === undefined) return [parts.join(", ")];
  const { least, most } = attentionRange(classAttention);
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

/** Mean colour of a part of a patch, sampled evenly; grey where the picture was padded. */
function cellColour(
  { picture, view, grid }: Inspection,
  x: number,
  y: number,
  detail: number,
  light: number,
): Colour {
  const width = view.width / (grid.columns * detail);
  const height = view.height / (grid.rows * detail);
  const across = Math.max(1, Math.min(samplesPerSide, Math.round(width)));
  const down = Math.max(1, Math.min(samplesPerSide, Math.round(height)));
  const sum = [0, 0, 0];
  for (let i = 0; i < across * down; i++) {
    const column = Math.floor(view.x + (x + ((i % across) + 0.5) / across) * width);
    const row = Math.floor(view.y + (y + (Math.floor(i / across) + 0.5) / down) * height);
    const inside = column >= 0 && row >= 0 && column < picture.width && row < picture.height;
    const at = (row * picture.width + column) * 3;
    for (let c = 0; c < 3; c++) sum[c] += inside ? picture.data[at + c] : 110;
  }
  const [red, green, blue] = sum.map((value) => Math.round((value / (across * down)) * light));
  return [red, green, blue];
}
