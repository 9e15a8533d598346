import { htmlPage } from "../page-shell.js";
import { baseStyle } from "../page-style.js";
import { escapeText } from "../svg.js";
import type { Film } from "./film.js";
import { frameSvg } from "./film-svg.js";
import { filmHeadline, frameWords } from "./film-words.js";

const style = `
${baseStyle}
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
  const items: string[] = [];
  for (const frame of film.frames) {
    const words = escapeText(frameWords(frame));
    items.push(
      `<li><figure>${(await frameSvg(frame)).trim()}<figcaption>${words}</figcaption></figure></li>`,
    );
  }
  const headline = filmHeadline(film);
  const name = film.name === undefined ? "" : `<p>${escapeText(film.name)}</p>`;
  const notes = film.notes.map((note) => `<p>${escapeText(note)}</p>`).join("");
  return htmlPage({
    title: headline,
    style,
    script,
    styledBody: true,
    body: `<header><h1>${escapeText(headline)}</h1>${name}${notes}</header>
<section id="large" aria-live="polite"></section>
<div class="scrubber"><input type="range" min="0" max="${film.frames.length - 1}" value="0" step="1" aria-label="Frame"></div>
<ol class="film">${items.join("\n")}</ol>`,
  });
}
