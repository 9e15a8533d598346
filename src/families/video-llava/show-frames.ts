import { preprocessFrames } from "../../image/frames.js";
import type { Picture, PixelValues } from "../../image/picture.js";
import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import type { VideoLlavaSpec } from "./spec.js";

/**
 * Frames as the checkpoint's own program prepares them, with the mean and deviation of its pictures. Transformers: as pictures,
 * on torchvision whatever those are resized by. The authors' (`LanguageBindVideoProcessor`): bilinearly without antialiasing,
 * never padded; it mirrors every other video by chance, also when it answers, which is left out here.
 */
export function showFrames(
  frames: readonly Picture[],
  { shortestEdge: _, size: __, aspect: ___, ...preprocessing }: PreprocessSpec,
  { program, watching }: VideoLlavaSpec,
): PixelValues {
  const { imageSize } = watching.vision;
  const square = { ...preprocessing, size: imageSize, shortestEdge: imageSize, aspect: "crop" } as const;
  return preprocessFrames(
    frames,
    program === "original"
      ? { ...square, resampler: "pytorchvideo", resample: "bilinear" }
      : { ...square, resampler: "torchvision" },
  );
}
