import type * as Plot from "@observablehq/plot";
import { darkPalette, lightPalette } from "./palette.js";
import { escapeText } from "./svg.js";

/** Observable Plot's module, as {@link plotSvg} hands it to what draws. */
export type PlotModule = typeof Plot;

/** Colours for series, told apart in light and in dark and by most colour-blind readers. */
const series = {
  light: ["#c25e00", "#0a7fa5", "#7a4fbf", "#2f7d32", "#b0305f", "#8a6d00", "#3f5bd9", "#5c6773"],
  dark: ["#ffa733", "#4cc3ea", "#b79cf2", "#7ccf7f", "#f286b0", "#d9bd4a", "#93a7ff", "#98a5b2"],
} as const;

/** How many series colours there are. */
const seriesColours = series.light.length;

/** A series' colour, as a CSS variable that {@link plotVariables} defines. */
export function seriesColour(index: number): string {
  return `var(--series-${index % seriesColours})`;
}

/** Declarations of the colours that figures name, for one theme. */
export function plotVariables(theme: "light" | "dark"): string {
  const { paper, ink, muted, line } = theme === "light" ? lightPalette : darkPalette;
  const colours = series[theme].map((colour, index) => `--series-${index}:${colour}`);
  return [`--paper:${paper}`, `--ink:${ink}`, `--muted:${muted}`, `--line:${line}`, ...colours].join(";");
}

/** A drawing and its size, pixels. */
export interface PlotDrawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws by Observable Plot, without a browser. Colours are CSS variables, so that one drawing serves light, dark and
 * paper; what embeds it defines them ({@link plotVariables}).
 *
 * @param draw gets Plot's module and returns its options; `document` is filled in
 * @param label what the figure shows, for readers that see no pictures
 */
export async function plotSvg(
  draw: (plot: PlotModule) => Plot.PlotOptions,
  label: string,
): Promise<PlotDrawing> {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const drawn = plot.plot({ ...draw(plot), document: document as unknown as Document, figure: false });
  drawn.querySelector("style")?.remove(); // its one rule would be repeated in every figure
  drawn.removeAttribute("class");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", label);
  drawn.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const [width, height] = ["width", "height"].map((name) => Number(drawn.getAttribute(name)));
  return { svg: drawn.outerHTML, width, height };
}

/** Drawings below each other as one SVG file, with its title, in the reader's theme. */
export function plotFile(title: string, drawings: readonly PlotDrawing[]): string {
  const [margin, heading] = [16, 44];
  const width = Math.max(...drawings.map((one) => one.width)) + 2 * margin;
  let y = heading;
  const placed = drawings.map(({ svg, height }) => {
    const at = svg.replace("<svg ", `<svg x="${margin}" y="${y}" `);
    y += height + margin;
    return at;
  });
  const style = `:root{${plotVariables("light")}}@media (prefers-color-scheme:dark){:root{${plotVariables("dark")}}}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" font-family="system-ui,sans-serif" color="var(--ink)"><style>${style}text{white-space:pre}</style><title>${escapeText(title)}</title><rect width="100%" height="100%" fill="var(--paper)"/><text x="${margin}" y="28" font-size="15" font-weight="600" fill="var(--ink)">${escapeText(title)}</text>${placed.join("")}</svg>\n`;
}
