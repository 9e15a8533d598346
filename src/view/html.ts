import { createStage } from "./create-stage.js";
import { histogramFigure, histogramScale } from "./histogram-figure.js";
import { countRows, type InspectedRow, type Inspection } from "./inspection.js";
import { legendHtml } from "./live/legend.js";
import { stageLayers, stagePicture, stageSvg } from "./live/stage-svg.js";
import { bytes, percent, plural, weight } from "./numbers.js";
import { pageData } from "./page-data.js";
import { pageScriptText } from "./page-script.js";
import { htmlPage } from "./page-shell.js";
import { pageStyle } from "./page-style.js";
import { lightPalette, type Palette } from "./palette.js";
import { patchPlace, viewName } from "./patch-place.js";
import { pictureUri } from "./picture-uri.js";
import { cell, type Stage } from "./stage.js";
import { attentionName, attentionTitle, headline, signsInWords } from "./summary.js";
import { box, escapeText, num } from "./svg.js";

/**
 * A page that shows and explains what the language model gets of a picture: kept patches, attention and merges over the
 * picture, what went where for each patch (pointer, touch or keyboard), the attention's histogram, and the visual tokens
 * in their order. One file that asks nothing of the network, and forbids itself to; readable without its script.
 */
export async function renderHtml(inspection: Inspection): Promise<string> {
  const stage = createStage(inspection);
  const { shownLevels, outliers } = inspection;
  const scale = shownLevels && outliers && histogramScale(shownLevels, outliers.fence);
  return htmlPage({
    title: [inspection.name, headline(inspection)].filter((part) => part !== undefined).join(", "),
    style: pageStyle,
    script: pageScriptText(),
    data: pageData(inspection, stage, scale),
    body: `${pageHeader(inspection)}
<div class="work">
${stageSection(inspection, stage, await pictureUri(inspection.picture))}
<aside id="detail" aria-live="polite"><h2>What went where</h2><p class="muted">Point at a patch, tap it, or reach the picture with <kbd>Tab</kbd> and walk with the arrow keys; <kbd>n</kbd> and <kbd>p</kbd> go to the next and previous kept patch, <kbd>Enter</kbd> keeps one in view, <kbd>Esc</kbd> lets go.</p><p class="muted">A kept patch shows what was merged into it, any other where it went.</p></aside>
</div>
${histogramSection(inspection)}
${tokenSection(inspection, stage)}
${optionsSection(inspection)}`,
  });
}

function pageHeader(inspection: Inspection): string {
  const { method, name, picture, grid, regions, statistics } = inspection;
  const { visualTokens, unreducedTokens, encodeMilliseconds, keyValueBytes, unreducedKeyValueBytes } =
    statistics;
  const tiles = [
    tile(
      "Visual tokens",
      String(visualTokens),
      `of ${unreducedTokens}, ${percent(visualTokens / unreducedTokens)}`,
    ),
    inspection.outliers &&
      tile("Above the fence", String(countRows(inspection, "outlier")), "kept for their attention"),
    inspection.outliers && tile("Below it", String(countRows(inspection, "sample")), "kept all the same"),
    keyValueBytes !== undefined &&
      tile(
        "Key/value cache",
        bytes(keyValueBytes),
        unreducedKeyValueBytes === undefined ? "" : `of ${bytes(unreducedKeyValueBytes)}`,
      ),
    encodeMilliseconds !== undefined &&
      tile("Seen in", `${Math.round(encodeMilliseconds)} ms`, "tower and reduction"),
  ];
  const what = [
    name,
    `${picture.width} x ${picture.height} pixels`,
    regions.length > 1 ? `${regions.length} views` : `${grid.rows} x ${grid.columns} patches`,
  ];
  return `<header><h1>${escapeText(method)} keeps ${visualTokens} of ${unreducedTokens} visual tokens</h1>
<p>${what
    .filter((part) => part !== undefined)
    .map(escapeText)
    .join(" &middot; ")}</p></header>
<dl class="tiles">${tiles.filter(Boolean).join("")}</dl>`;
}

function tile(name: string, value: string, note: string): string {
  return `<div><dt>${name}</dt><dd>${escapeText(value)}<small>${escapeText(note)}</small></dd></div>`;
}

const layerNames = [
  ["kept", "Kept"],
  ["attention", "Attention"],
  ["merged", "Merged"],
] as const;

function stageSection(inspection: Inspection, stage: Stage, href: string): string {
  const drawn = stageLayers(inspection, stage);
  const layers = layerNames.filter(([id]) => drawn[id] !== undefined);
  const choices = [...layers, ["picture", "Picture"] as const].map(
    ([id, name], i) =>
      `<label><input type="radio" name="layer" id="show-${id}"${i === 0 ? " checked" : ""}>${name}</label>`,
  );
  const over = layers.map(([id]) => `<g class="layer layer-${id}">${drawn[id]}</g>`).join("");
  const legends = layers.map(([id]) => `<div class="layer layer-${id}">${legendHtml(inspection, id)}</div>`);
  const { x, y, width, height } = stage.box;
  // Visual tokens are cut out of the same picture.
  const picture = `<defs><g id="picture">${stagePicture(stage, href)}</g></defs><use href="#picture"/>`;
  return `<div><fieldset class="layers" aria-label="Show over the picture">${choices.join("")}</fieldset>
<div id="stage" tabindex="0" role="application" aria-roledescription="patch grid" aria-label="Patches of the picture; arrow keys walk, n and p go to kept ones" aria-controls="detail"><svg viewBox="${[x, y, width, height].map(num).join(" ")}" aria-hidden="true">${stageSvg(stage, picture, over)}</svg></div>
${legends.join("")}</div>`;
}

function histogramSection(inspection: Inspection): string {
  const { outliers, shownLevels } = inspection;
  if (shownLevels === undefined || outliers === undefined) return "";
  const names = Object.keys(lightPalette) as (keyof Palette)[];
  const palette = Object.fromEntries(names.map((name) => [name, `var(--${name})`])) as unknown as Palette;
  const area = { x: 0, y: 0, width: 1000, height: 150 };
  const drawing = histogramFigure(inspection, area, palette, false);
  const here = '<path id="here" visibility="hidden" d="M0 0V136" stroke="var(--ink)" stroke-width="2.5"/>';
  const { firstQuartile, thirdQuartile, fence } = outliers;
  const caption = `Patches by ${attentionName(inspection)}, on a logarithmic scale. The box holds the middle half, ${weight(firstQuartile)} to ${weight(thirdQuartile)}; ${plural(outliers.outliers, "patch lies", "patches lie")} above the dashed fence at ${weight(fence)}.${signsSentence(inspection)}`;
  return `<section><h2>${attentionTitle(inspection)}</h2><figure><svg class="histogram" viewBox="0 0 1000 150" preserveAspectRatio="none" aria-hidden="true">${drawing}${here}</svg><figcaption>${caption}</figcaption></figure></section>`;
}

function signsSentence(inspection: Inspection): string {
  const words = signsInWords(inspection).join("; ");
  return words === "" ? "" : ` ${words[0].toUpperCase()}${words.slice(1)}.`;
}

function tokenSection(inspection: Inspection, stage: Stage): string {
  const tokens = inspection.rows.map(
    (row, index) => `<li>${tokenButton(inspection, row, index, stage)}</li>`,
  );
  return `<section><h2>Visual tokens in the order in which the language model gets them</h2><ol class="tokens">${tokens.join("")}</ol></section>`;
}

function tokenButton(
  { regions, picture }: Inspection,
  { kind, keptPatch }: InspectedRow,
  index: number,
  stage: Stage,
): string {
  const named = keptPatch < 0 ? `${kind} token` : placeIn(keptPatch);
  const look =
    keptPatch < 0
      ? kind === "global"
        ? "&Sigma;"
        : "C"
      : `<svg ${box(cell(stage, keptPatch)).replace(/x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"/, 'viewBox="$1 $2 $3 $4"')} preserveAspectRatio="none" aria-hidden="true"><use href="#picture"/></svg>`;
  function placeIn(patch: number): string {
    const { view, row, column } = patchPlace(regions, patch);
    const name = viewName(regions, view, picture);
    return `patch ${row + 1}/${column + 1}${name === "" ? "" : ` of ${name}`}`;
  }
  return `<button type="button" class="kind-${kind}" data-token="${index}" aria-label="Visual token ${index + 1}, ${named}">${look}</button>`;
}

function optionsSection({ method, options }: Inspection): string {
  const rows = Object.entries(options).map(
    ([name, value]) =>
      `<tr><th>${escapeText(name)}</th><td>${escapeText(JSON.stringify(value) ?? "")}</td></tr>`,
  );
  return `<section><details><summary>Settings of ${escapeText(method)}</summary><table>${rows.join("")}</table></details></section>`;
}
