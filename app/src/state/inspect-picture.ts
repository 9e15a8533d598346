import type { Inspection } from "prumerge/drawing";
import type { Reduction, SeenPicture } from "../backend/model-backend.js";
import { errorText } from "./error-text.js";

/** What there is to draw of a picture, or why there is nothing. */
export interface Inspected {
  readonly inspection?: Inspection;
  readonly failure?: string;
}

/** What a method makes of a picture: a promise where the model has to be asked. */
export function inspectPicture(
  seen: SeenPicture,
  reduction: Reduction,
  signal: AbortSignal,
): Inspected | Promise<Inspected> {
  const failed = (error: unknown): Inspected => (signal.aborted ? {} : { failure: errorText(error) });
  try {
    const told = seen.inspect(reduction, signal);
    return told instanceof Promise
      ? told.then((inspection) => ({ inspection }), failed)
      : { inspection: told };
  } catch (error) {
    return failed(error);
  }
}
