import { useMemo } from "preact/hooks";
import type { ModelInfo, Reduction } from "../backend/model-backend.js";
import { type Inspected, inspectPicture } from "./inspect-picture.js";
import type { PictureEntry } from "./session-state.js";

/** {@link inspectPicture}, where there is a picture that the model has seen. */
export function useInspection(
  entry: PictureEntry | undefined,
  reduction: Reduction,
  model: ModelInfo | undefined,
): Inspected {
  const { seen, name = "" } = entry ?? {};
  return useMemo(
    () => (seen === undefined || model === undefined ? {} : inspectPicture(seen, name, reduction, model)),
    [seen, name, reduction, model],
  );
}
