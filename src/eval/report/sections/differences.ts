import { escapeText } from "../../../view/svg.js";
import type { Difference, DifferingAnswer, ReportData } from "../report-data.js";
import { formatTokens } from "../words.js";
import { table } from "./table.js";

/** Questions that two columns answered differently well: the picture, what was kept of it, and both answers. */
export function differencesSection({ comparison }: ReportData): string {
  if (comparison === undefined) return "";
  const [first, second] = comparison.columns;
  const rows = comparison.tally.map(({ task, units, lost, gained }) =>
    [task, units, lost, gained].map(String),
  );
  const shown = comparison.examples.map((one, index) => article(one, index, [first.label, second.label]));
  return `<section><h2>Question by question: ${escapeText(second.label)} against ${escapeText(first.label)}</h2><p class="muted">Right beside wrong, losses first, then gains; a sample of all. Frames show the patches that visual tokens stand on; what is dark reaches the language model only as part of others, or not at all.</p>${table("", ["", "judged", "lost", "gained"], rows)}<div class="examples">${shown.join("")}</div></section>`;
}

function article(
  { task, id, question, detail, figure, answers }: Difference,
  index: number,
  labels: readonly [string, string],
): string {
  const tag = detail === true ? ' <span class="tag">small thing</span>' : "";
  const picture = figure && `<g id="picture-${index}">${figure.picture}</g>`;
  const draw = (inside: string) =>
    `<svg viewBox="${figure!.viewBox}" role="img" aria-label="${escapeText(figure!.name)}">${inside}</svg>`;
  const use = `<use href="#picture-${index}"/>`;
  const panels = answers.map((answer, side) => {
    const drawing =
      figure === undefined
        ? ""
        : side === 0
          ? draw(picture!)
          : figure.overlay === undefined
            ? draw(use)
            : draw(use + figure.overlay);
    return `<div class="panel">${drawing}${words(answer, labels[side])}</div>`;
  });
  return `<article><h3>${escapeText(question)}</h3><span class="tag">${escapeText(task)} ${escapeText(id)}</span>${tag}<div class="pair">${panels.join("")}</div></article>`;
}

function words({ text, credit, visualTokens }: DifferingAnswer, label: string): string {
  const share = `${Math.round(100 * credit)} %`;
  const judged =
    credit >= 1 ? 'class="right"' : credit <= 0 ? 'class="wrong"' : `class="partly" data-credit="${share}"`;
  const shown = text.length > 160 ? `${text.slice(0, 157)}...` : text;
  return `<p ${judged}>${escapeText(shown === "" ? "(nothing)" : shown)}</p><p class="muted">${escapeText(label)}, ${formatTokens(visualTokens)} visual tokens</p>`;
}
