import { escapeText } from "../../../view/svg.js";
import type { SeriesStyle } from "../figures/series.js";

function mark(symbol: SeriesStyle["symbol"], colour: string): string {
  return symbol === "circle"
    ? `<circle cx="17" cy="6" r="3.5" fill="${colour}"/>`
    : `<rect x="14" y="3" width="6" height="6" fill="${colour}"/>`;
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
