import { scriptDigest } from "../digest.js";
import { darkPalette, lightPalette, type Palette } from "../palette.js";
import { escapeText } from "../svg.js";
import type { Film } from "./film.js";
import { frameSvg } from "./film-svg.js";
import { filmHeadline, frameWords } from "./film-words.js";

const variables = (palette: Palette) =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(";");

const style = `
:root{color-scheme:light dark;${variables(lightPalette)}}
@media (prefers-color-scheme:dark){:root{${variables(darkPalette)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:clamp(16px,4vw,40px)}
h1{font-size:clamp(1.2rem,1rem + 1.4vw,1.8rem);line-height:1.2;margin:0 0 .4em;text-wrap:balance}
header p,figcaption{color:var(--muted);margin:0 0 .5em;font-variant-numeric:tabular-nums}
svg{display:block;width:100%;height:auto;border-radius:8px}
.scrubber{display:none;align-items:center;gap:12px;margin:16px 0}
.scripted .scrubber{display:flex}
.scrubber input{flex:1;accent-color:var(--sample)}
.film{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:16px;margin:0;padding:0;list-style:none}
.film figure{margin:0}
.scripted .film{grid-template-columns:repeat(auto-fill,minmax(110px,1fr));gap:8px}
.scripted .film figcaption{display:none}
.scripted .film li{cursor:pointer;border-radius:10px;padding:3px}
.scripted .film li.shown{box-shadow:0 0 0 3px var(--sample)}
#large{display:none;max-width:720px;margin:0 auto}
.scripted #large{display:block}
#large figure{margin:0}
`;

const script = `
const main = document.querySelector("main"), items = [...document.querySelectorAll(".film li")];
const range = document.querySelector(".scrubber input"), large = document.getElementById("large");
main.classList.add("scripted");
function show(at) {
  items.forEach((item, index) => item.classList.toggle("shown", index === at));
  large.replaceChildren(items[at].firstElementChild.cloneNode(true));
  range.value = String(at);
  range.setAttribute("aria-valuetext", items[at].querySelector("figcaption").textContent);
}
range.addEventListener("input", () => show(Number(range.value)));
items.forEach((item, index) => item.addEventListener("click", () => show(index)));
show(0);
`;

/**
 * A page with a filmstrip of what is kept in each frame, and a scrubber that shows one after another large. One file that asks
 * nothing of the network, and forbids itself to; without its script it is the strip with its words.
 */
export async function filmHtml(film: Film): Promise<string> {
  const policy = [
    "default-src 'none'",
    "img-src data:",
    // Figures bring a style element of their own.
    "style-src 'unsafe-inline'",
    `script-src '${await scriptDigest(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const items: string[] = [];
  for (const frame of film.frames) {
    const words = escapeText(frameWords(frame));
    items.push(
      `<li><figure>${(await frameSvg(frame)).trim()}<figcaption>${words}</figcaption></figure></li>`,
    );
  }
  const headline = escapeText(filmHeadline(film));
  const name = film.name === undefined ? "" : `<p>${escapeText(film.name)}</p>`;
  const notes = film.notes.map((note) => `<p>${escapeText(note)}</p>`).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${headline}</title>
<style>${style}</style>
</head>
<body>
<main>
<header><h1>${headline}</h1>${name}${notes}</header>
<section id="large" aria-live="polite"></section>
<div class="scrubber"><input type="range" min="0" max="${film.frames.length - 1}" value="0" step="1" aria-label="Frame"></div>
<ol class="film">${items.join("\n")}</ol>
</main>
<script>${script}</script>
</body>
</html>
`;
}
