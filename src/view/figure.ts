import { createStage } from "./create-stage.js";
import { histogramFigure } from "./histogram-figure.js";
import type { Inspection } from "./inspection.js";
import {
  dimLayer,
  heatLayer,
  hoverLayer,
  keptLayer,
  mergeShares,
  panelNames,
  pictureLayer,
  unseenLayer,
} from "./overlay.js";
import { darkPalette, lightPalette, type Palette, rampColour } from "./palette.js";
import type { Stage } from "./stage.js";
import { attentionStrengths } from "./strength.js";
import { attentionName, composition, headline } from "./summary.js";
import { box, escapeText, num } from "./svg.js";

/** What is drawn over the picture: kept patches, the patches' attention, or how often each patch was merged. */
export type Layer = "kept" | "attention" | "merged";

export interface FigureOptions {
  /** Default `kept`. */
  readonly layer?: Layer;
  /** Default `light`. */
  readonly theme?: "light" | "dark";
  /** Headline, legend and histogram. Default true. */
  readonly caption?: boolean;
  /** Set to false where no font is installed: drawings stay, words go. Default true. */
  readonly words?: boolean;
}

const fonts =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";
const margin = 20;

/**
 * The picture with what the language model gets of it, as a whole SVG document without any outside reference.
 *
 * @param href the picture as a data URI; without it only the overlay is drawn, to lie on a picture of one's own
 */
export function overlaySvg(
  inspection: Inspection,
  href: string | undefined,
  options: FigureOptions = {},
): string {
  const palette = options.theme === "dark" ? darkPalette : lightPalette;
  const stage = createStage(inspection);
  const words = options.words ?? true;
  const drawing = stageDrawing(inspection, stage, href, palette, options.layer ?? "kept", words);
  if (options.caption === false)
    return documentOf(stage.box.width, stage.box.height, drawing, inspection, undefined);
  const width = stage.box.width + 2 * margin;
  const legend = options.layer === "attention" || options.layer === "merged" ? rampLegend : rowLegend;
  const head = words
    ? captionOf(inspection, width, palette, legend(inspection, options.layer))
    : { height: margin, svg: "" };
  const below = head.height + stage.box.height + 14;
  const area = { x: margin, y: below, width: stage.box.width, height: inspection.levels ? 110 : 0 };
  const whole = `${head.svg}<g transform="translate(${margin} ${num(head.height)})">${drawing}</g>${histogramFigure(inspection, area, palette, words)}`;
  return documentOf(width, below + area.height + margin - 4, whole, inspection, palette.paper);
}

/** The picture and its layers in an SVG viewport of the stage's size. */
function stageDrawing(
  inspection: Inspection,
  stage: Stage,
  href: string | undefined,
  palette: Palette,
  layer: Layer,
  words: boolean,
): string {
  const { x, y, width, height } = stage.box;
  const layers = [
    href === undefined ? "" : pictureLayer(stage, href),
    layerOf(inspection, stage, layer),
    unseenLayer(stage, palette.paper),
    words ? panelNames(stage, palette.muted) : "",
    layer === "kept" ? hoverLayer(inspection, stage) : "",
  ];
  return `<svg width="${num(width)}" height="${num(height)}" viewBox="${num(x)} ${num(y)} ${num(width)} ${num(height)}">${layers.join("")}</svg>`;
}

function layerOf(inspection: Inspection, stage: Stage, layer: Layer): string {
  if (layer === "merged") return heatLayer(stage, mergeShares(inspection));
  const strengths = attentionStrengths(inspection);
  if (layer === "attention") return strengths === undefined ? "" : heatLayer(stage, strengths);
  return dimLayer(inspection, stage) + keptLayer(inspection, stage);
}

interface LegendEntry {
  readonly text: string;
  /** Draws a mark into a square of 12 units whose lower left corner is given. */
  mark(x: number, y: number, palette: Palette): string;
}

function rowLegend(inspection: Inspection): readonly LegendEntry[] {
  return composition(inspection).map(({ kind, text }) => ({
    text,
    mark(x, y, palette) {
      const colours = { outlier: palette.outlier, kept: palette.outlier, sample: palette.sample };
      const colour = kind in colours ? colours[kind as keyof typeof colours] : palette.muted;
      const square = { x: x + 1, y: y - 11, width: 10, height: 10 };
      return `<rect ${box(square)} rx="1.5" fill="${colour}" fill-opacity=".25" stroke="${colour}" stroke-width="2"/>`;
    },
  }));
}

function rampLegend(inspection: Inspection, layer: Layer | undefined): readonly LegendEntry[] {
  const text =
    layer === "merged"
      ? "how many visual tokens a patch was merged into, none to most"
      : `${attentionName(inspection)}, least to most`;
  const mark = (x: number, y: number) =>
    [0, 0.25, 0.5, 0.75, 1]
      .map(
        (share, i) =>
          `<rect x="${num(x + i * 3)}" y="${y - 12}" width="3" height="12" fill="${rampColour(share)}"/>`,
      )
      .join("");
  return [{ text, mark }];
}

function captionOf(
  inspection: Inspection,
  width: number,
  palette: Palette,
  legend: readonly LegendEntry[],
): { readonly height: number; readonly svg: string } {
  const title = `<text x="${margin}" y="34" font-size="19" font-weight="600" fill="${palette.ink}">${escapeText(headline(inspection))}</text>`;
  let x = margin;
  let y = 58;
  const entries = legend.map(({ text, mark }) => {
    // Words are set by whatever font the viewer has; 7.4 units a letter leaves room for a wide one.
    const length = 20 + text.length * 7.4;
    if (x > margin && x + length > width - margin) {
      x = margin;
      y += 20;
    }
    const words = `<text x="${num(x + 19)}" y="${y - 1}" font-size="12.5" fill="${palette.muted}">${escapeText(text)}</text>`;
    const entry = mark(x, y, palette) + words;
    x += length;
    return entry;
  });
  return { height: y + 16, svg: title + entries.join("") };
}

function documentOf(
  width: number,
  height: number,
  body: string,
  inspection: Inspection,
  paper: string | undefined,
): string {
  const name = inspection.name === undefined ? "" : `${inspection.name}, `;
  const title = `<title>${escapeText(name + headline(inspection))}</title>`;
  const ground = paper === undefined ? "" : `<rect width="100%" height="100%" fill="${paper}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${num(width)}" height="${num(height)}" viewBox="0 0 ${num(width)} ${num(height)}" font-family="${fonts}" role="img">${title}${ground}${body}</svg>\n`;
}
