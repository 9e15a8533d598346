import type { PlotDrawing } from "../../../view/plot-svg.js";
import { escapeText } from "../../../view/svg.js";
import type { SeriesStyle } from "../figures/series.js";

function mark(symbol: SeriesStyle["symbol"], colour: string): string {
  return symbol === "circle"
    ? `<circle cx="17" cy="6" r="3.5" fill="${colour}"/>`
    : `<rect x="14" y="3" width="6" height="6" fill="${colour}"/>`;
}

/** The same as a drawing, for files. @param width pixels */
export function legendDrawing(styles: ReadonlyMap<string, SeriesStyle>, width: number): PlotDrawing {
  const [line, swatch] = [20, 34];
  const entries = [...styles.values()].map(({ name, colour, dash, symbol }, at) => {
    const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
    const dot = name.endsWith("unreduced") ? "" : mark(symbol, colour);
    return `<g transform="translate(40 ${at * line})"><line x1="0" x2="${swatch}" y1="6" y2="6" stroke="${colour}" stroke-width="2"${dashes}/>${dot}<text x="${swatch + 8}" y="10" font-size="12" fill="var(--ink)">${escapeText(name)}</text></g>`;
  });
  const height = styles.size * line;
  return {
    svg: `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${entries.join("")}</svg>`,
    width,
    height,
  };
}

/** The series of all figures, once. */
export function legend(styles: ReadonlyMap<string, SeriesStyle>): string {
  const entries = [...styles.values()].map(({ name, colour, dash, symbol }) => {
    const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
    const line = `<line x1="0" x2="34" y1="6" y2="6" stroke="${colour}" stroke-width="2"${dashes}/>`;
    const dot = name.endsWith("unreduced") ? "" : mark(symbol, colour);
    return `<li><svg aria-hidden="true">${line}${dot}</svg>${escapeText(name)}</li>`;
  });
  const diamond =
    '<li><svg aria-hidden="true"><path d="M17 0L23 6L17 12L11 6Z" fill="var(--paper)" stroke="var(--ink)" stroke-width="2"/></svg>number chosen by the method: at its mean</li>';
  return `<ul class="legend">${entries.join("")}${diamond}</ul>`;
}
