import type { Inspection } from "prumerge/drawing";
import type { Reduction, SeenClip, SeenPicture, ShownFilm } from "../backend/model-backend.js";
import { errorText } from "./error-text.js";

/** What there is to draw of a picture, or why there is nothing. */
export interface Inspected {
  readonly inspection?: Inspection;
  /** In its place, of a video. */
  readonly film?: ShownFilm;
  readonly failure?: string;
}

/** What a method makes of a picture: a promise where the model has to be asked. */
export function inspectPicture(
  seen: SeenPicture | SeenClip,
  reduction: Reduction,
  signal: AbortSignal,
): Inspected | Promise<Inspected> {
  const failed = (error: unknown): Inspected => (signal.aborted ? {} : { failure: errorText(error) });
  if ("film" in seen) return seen.film(reduction, signal).then((film) => ({ film }), failed);
  try {
    const told = seen.inspect(reduction, signal);
    return told instanceof Promise
      ? told.then((inspection) => ({ inspection }), failed)
      : { inspection: told };
  } catch (error) {
    return failed(error);
  }
}
