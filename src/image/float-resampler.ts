import { PrumergeError } from "../errors.js";
import { type FloatResampler, floatResamplers, type Resampler } from "./filter.js";
import type { PreprocessSpec } from "./preprocess-spec.js";

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
