import { PrumergeError } from "../errors.js";
import type { Resampler } from "./filter.js";
import type { PreprocessSpec } from "./preprocess-spec.js";

/**
 * Programs that resize pictures of floats, without antialiasing and without rounding to 8 bits: `torchvision-0.15` as it
 * resizes tensors, `pytorchvideo` as its ShortSideScale does. Both interpolate as PyTorch does with `align_corners` off; the
 * longer side is int(edge * long / short) and floor(long / short * edge), which differ where the division is not exact.
 */
export const floatResamplers = ["torchvision-0.15", "pytorchvideo"] as const;
export type FloatResampler = (typeof floatResamplers)[number];

export function isFloatResampler(resampler: PreprocessSpec["resampler"]): resampler is FloatResampler {
  return (floatResamplers as readonly unknown[]).includes(resampler);
}

/**
 * The resampler of 8-bit pictures that a spec names, where a way of showing pictures has no other.
 *
 * @throws PrumergeError INVALID_OPTION for one of floats
 */
export function byteResampler({ resampler = "pillow" }: PreprocessSpec): Resampler {
  if (!isFloatResampler(resampler)) return resampler;
  throw new PrumergeError(
    "INVALID_OPTION",
    "pictures are not shown in parts or at their own size by this resampler",
    {
      where: "resampler",
      expected: "pillow or torchvision, or the image aspect crop, pad or stretch",
      found: resampler,
    },
  );
}
