/**
 * Draws docs/images/kept-patches.png: a picture beside what PruMerge and PruMerge+ keep of it, with the counts.
 * Run from the repository after a build: npx tsx docs/images/make-kept-patches.ts [MODEL [PICTURE]]
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadModel, pruMerge, pruMergePlus } from "prumerge";
import { decodePicture } from "prumerge/image";
import { inspectTokens, overlaySvg, pictureUri } from "prumerge/view";
import sharp from "sharp";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const [modelName = "pocket-llava", pictureFile = here("../../models/pocket-llava/samples/sample_5.png")] =
  process.argv.slice(2);

const picture = await decodePicture(pictureFile);
const model = await loadModel(modelName);
const href = await pictureUri(picture);

const panels = [{ title: "The picture", note: "576 visual tokens", svg: `<image width="576" height="576" href="${href}"/>` }];
for (const [title, reducer] of [
  ["PruMerge", pruMerge()],
  ["PruMerge+, at most 144", pruMergePlus({ maxTokens: 144 })],
] as const) {
  const seen = await model.see(picture, reducer, { signals: true });
  const { visualTokens, unreducedTokens } = seen.statistics;
  const note = `${visualTokens} visual tokens, ${Math.round((visualTokens / unreducedTokens) * 100)} %`;
  panels.push({ title, note, svg: overlaySvg(inspectTokens(picture, seen), href, { caption: false }) });
}
await model.dispose();

const [side, gap, head, foot] = [576, 28, 74, 58];
const width = panels.length * side + (panels.length + 1) * gap;
const drawn = panels.map(
  ({ title, note, svg }, index) => `<g transform="translate(${gap + index * (side + gap)} ${head})">
    <text y="-40" font-size="27" font-weight="600" fill="#16191d">${title}</text>
    <text y="-12" font-size="21" fill="#5c6773">${note}</text>
    ${svg}
  </g>`,
);
const figure = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${head + side + foot}" font-family="Helvetica, Arial, sans-serif">
  <rect width="100%" height="100%" fill="#ffffff"/>${drawn.join("")}
  <text x="${gap}" y="${head + side + 37}" font-size="20" fill="#5c6773">Each bright patch is a visual token of its own: orange for its class attention, blue to cover the picture. The dark ones are merged into them and into one global token.</text></svg>`;
const png = await sharp(Buffer.from(figure)).png({ palette: true, quality: 92, compressionLevel: 9, effort: 10 }).toBuffer();
await writeFile(here("kept-patches.png"), png);
console.log(panels.map(({ title, note }) => `${title}: ${note}`).join("; "));
