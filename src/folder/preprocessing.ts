import { z } from "zod";
import { aspects, type PreprocessSpec } from "../image/preprocess-spec.js";

const pixels = z.int().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** {@link PreprocessSpec} as it stands in `prumerge.json`. */
export const preprocessingSchema: z.ZodType<PreprocessSpec> = z.strictObject({
  size: pixels,
  aspect: z.enum(aspects),
  shortestEdge: pixels,
  resample: z.enum(["nearest", "bilinear", "bicubic", "lanczos"]),
  resampler: z.enum(["pillow", "torchvision"]).exactOptional(),
  rescale: z.number().positive(),
  mean: triple,
  deviation: triple,
  fill: triple.exactOptional(),
});
