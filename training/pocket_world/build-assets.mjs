// Draws the icons (SVG -> PNG, 192 px wide) and copies the fonts into training/.assets, for pocket_world/assets.py.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";

const ICON_WIDTH = 192; // wider than any icon is drawn in a scene
const require = createRequire(import.meta.url);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

const noto = read(require.resolve("@iconify-json/noto/icons.json"));
const kinds = read(here("data/kinds.json"));
const fonts = read(here("data/fonts.json"));
mkdirSync(here("../.assets/icons"), { recursive: true });
mkdirSync(here("../.assets/fonts"), { recursive: true });

for (const { name, icon } of kinds) {
  const { body, width = noto.width ?? 128, height = noto.height ?? 128, left = 0, top = 0 } = noto.icons[icon];
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
    `viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}">${body}</svg>`;
  const drawn = new Resvg(svg, { fitTo: { mode: "width", value: ICON_WIDTH } }).render();
  writeFileSync(here(`../.assets/icons/${name}.png`), drawn.asPng());
}
for (const { name, file } of fonts) {
  const source = here(`../node_modules/${file}`);
  copyFileSync(source, here(`../.assets/fonts/${name}.ttf`));
  copyFileSync(`${dirname(dirname(source))}/LICENSE_FONT`, here(`../.assets/fonts/${name}.LICENSE.txt`));
}
console.log(`${kinds.length} icons and ${fonts.length} fonts in ${here("../.assets")}`);
