import { PrumergeError } from "../../errors.js";
import { inspectionJson } from "../json.js";
import { svgToPng } from "../png.js";
import { type InspectionFormat, inspectionFormats } from "../render.js";
import { renderText, type TextOptions } from "../text.js";
import type { Film } from "./film.js";
import { filmHtml } from "./film-html.js";
import { filmSvg } from "./film-svg.js";
import { filmHeadline, frameWords } from "./film-words.js";

const renderers: Readonly<Record<InspectionFormat, (film: Film) => Promise<Uint8Array | string>>> = {
  png: (film) => svgToPng((words) => filmSvg(film, { words }), 1360),
  svg: (film) => filmSvg(film),
  html: filmHtml,
  json: async (film) => `${JSON.stringify(filmJson(film))}\n`,
};

/**
 * The whole file that explains what is kept of a video, in the format asked for: a filmstrip, as HTML with a scrubber.
 *
 * @throws PrumergeError INVALID_OPTION for another format
 */
export async function renderFilm(film: Film, format: InspectionFormat): Promise<Uint8Array | string> {
  if (Object.hasOwn(renderers, format)) return renderers[format](film);
  throw new PrumergeError("INVALID_OPTION", "unknown format for an inspection", {
    expected: inspectionFormats.join(", "),
    found: JSON.stringify(format),
  });
}

/** Everything that the filmstrip shows, as data: of each frame what an inspection of a picture has. */
export function filmJson({ name, frames, ...film }: Film) {
  return {
    format: "prumerge-video-inspection",
    version: 1,
    ...(name !== undefined && { name }),
    ...film,
    frames: frames.map(({ frame, seconds, borrowed, inspection }) => ({
      frame,
      ...(seconds !== undefined && { seconds }),
      mergedFromOtherFrames: borrowed,
      ...inspectionJson(inspection),
    })),
  };
}

/** The frames for a terminal, one below another. */
export function filmText(film: Film, options: TextOptions = {}): string {
  const frames = film.frames.map((frame) => {
    const [, ...drawing] = renderText(frame.inspection, options).split("\n");
    return [frameWords(frame), ...drawing].join("\n");
  });
  return `${[filmHeadline(film), ...film.notes, "", ...frames].join("\n")}`;
}
