import { percent, plural } from "../numbers.js";
import type { Film, FilmFrame } from "./film.js";

/** First line of every rendering: `prumerge: 264 of 2056 visual tokens (13 %) of 8 of 240 frames`. */
export function filmHeadline({ method, visualTokens, unreducedTokens, shown, total }: Film): string {
  return `${method}: ${visualTokens} of ${unreducedTokens} visual tokens (${percent(visualTokens / unreducedTokens)}) of ${shown} of ${plural(total, "frame")}`;
}

/** `frame 13, 0.52 s: 33 visual tokens`. */
export function frameWords({ frame, seconds, inspection, borrowed }: FilmFrame): string {
  const when = seconds === undefined ? "" : `, ${Number(seconds.toFixed(2))} s`;
  const others = borrowed === 0 ? "" : `, ${plural(borrowed, "patch", "patches")} of other frames merged in`;
  return `frame ${frame}${when}: ${plural(inspection.rows.length, "visual token")}${others}`;
}
