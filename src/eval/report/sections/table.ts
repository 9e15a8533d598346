import { escapeText } from "../../../view/svg.js";

/** A cell that is HTML already; everything else is escaped. */
export interface Markup {
  readonly html: string;
}

/** A table that scrolls where it is too wide. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
  kind: "numbers" | "plain" = "numbers",
): string {
  const top = head.map((cell) => `<th scope="col">${escapeText(cell)}</th>`).join("");
  const heading = head.some((cell) => cell !== "") ? `<thead><tr>${top}</tr></thead>` : "";
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${toHtml(cell)}</td>`).join("")}</tr>`)
    .join("");
  const title = caption === "" ? "" : `<p class="caption">${escapeText(caption)}</p>`;
  const name = escapeText(caption === "" ? "table" : caption);
  // What scrolls has to be reached by keyboard, and so have a name.
  return `${title}<div class="scroll" role="region" tabindex="0" aria-label="${name}"><table class="${kind}">${heading}<tbody>${body}</tbody></table></div>`;
}

function toHtml(cell: string | Markup): string {
  return typeof cell === "string" ? escapeText(cell) : cell.html;
}

/** A number with what stands in brackets set small; bold where it is to be noticed. */
export function figureCell(text: string, bold = false): Markup {
  const [, number, rest = ""] = /^([^(]*)(\(.*\))?$/s.exec(text) ?? ["", text];
  const main = escapeText(number.trim());
  return {
    html: `${bold ? `<strong>${main}</strong>` : main}${rest === "" ? "" : ` <small>${escapeText(rest)}</small>`}`,
  };
}
