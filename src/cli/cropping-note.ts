import { promptKind } from "../eval/run/prompt.js";
import type { Aspect } from "../image/preprocess-spec.js";
import type { FolderDescription } from "../model/folder-description.js";

/**
 * What is to be said before a LLaVA-1.5 is evaluated on cropped pictures: it was trained and is evaluated with padded ones
 * (`image_aspect_ratio: pad`), which the preprocessing of llava-hf's checkpoints does not say. Undefined where pictures are
 * padded, where the user chose, and for any other model.
 */
export function croppingNote(
  { spec, preprocessing }: Pick<FolderDescription, "spec" | "preprocessing">,
  imageAspect: Aspect | undefined,
): string | undefined {
  const isLlava = promptKind(spec) === "vicuna_v1";
  if (!isLlava || imageAspect !== undefined || preprocessing.aspect !== "crop") return undefined;
  return (
    "Note: the model's preprocessing crops pictures to a square, while LLaVA-1.5's published scores are of padded ones; " +
    "--image-aspect pad pads them, --image-aspect crop says that they are to be cropped"
  );
}
