import { overlaySvg } from "../figure.js";
import { darkPalette, lightPalette } from "../palette.js";
import { pictureUri } from "../picture-uri.js";
import { escapeText, num } from "../svg.js";
import type { Film, FilmFrame } from "./film.js";
import { filmHeadline, frameWords } from "./film-words.js";

/** Frames beside each other. */
const acrossMost = 4;
const frameWidth = 320;
const gap = 16;
const lineHeight = 22;

/** A frame with what is kept of it, as a whole SVG document. */
export async function frameSvg({ inspection }: FilmFrame): Promise<string> {
  return overlaySvg(inspection, await pictureUri(inspection.picture), { caption: false });
}

/** The filmstrip as a whole SVG document without any outside reference, four frames beside each other. */
export async function filmSvg(
  film: Film,
  options: { readonly words?: boolean; readonly theme?: "light" | "dark" } = {},
): Promise<string> {
  const { words = true } = options;
  const palette = options.theme === "dark" ? darkPalette : lightPalette;
  const columns = Math.min(acrossMost, film.frames.length);
  const width = columns * (frameWidth + gap) + gap;
  const head = words ? 48 : gap;
  const text = (x: number, y: number, size: number, colour: string, line: string) =>
    words
      ? `<text x="${num(x)}" y="${num(y)}" font-size="${size}" fill="${colour}">${escapeText(line)}</text>`
      : "";
  let body = text(gap, 31, 18, palette.ink, filmHeadline(film));
  let top = head;
  for (let first = 0; first < film.frames.length; first += columns) {
    let tallest = 0;
    for (const [at, frame] of film.frames.slice(first, first + columns).entries()) {
      const svg = await frameSvg(frame);
      const [, w = "1", h = "1"] = / width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
      const height = (frameWidth * Number(h)) / Number(w);
      const x = gap + at * (frameWidth + gap);
      body += svg.replace(
        /^<svg xmlns="[^"]*" width="[\d.]+" height="[\d.]+"/,
        `<svg x="${num(x)}" y="${num(top)}" width="${frameWidth}" height="${num(height)}"`,
      );
      body += text(x, top + height + 16, 12, palette.muted, frameWords(frame));
      tallest = Math.max(tallest, height);
    }
    top += tallest + (words ? lineHeight : 0) + gap;
  }
  const title = `<title>${escapeText([film.name, filmHeadline(film)].filter(Boolean).join(", "))}</title>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${num(width)}" height="${num(top)}" viewBox="0 0 ${num(width)} ${num(top)}" font-family="system-ui, 'DejaVu Sans', sans-serif" role="img">${title}<rect width="100%" height="100%" fill="${palette.paper}"/>${body}</svg>\n`;
}
