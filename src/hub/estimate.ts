import type { Dtype } from "../models/dtypes.js";

/** What a conversion is going to take, roughly: good enough to ask a person, not to check a disk. */
export interface ConversionEstimate {
  /** Weights to read, bytes. */
  readonly inputBytes: number;
  /** Model folder to write, bytes. */
  readonly outputBytes: number;
  /** Time without any download, seconds. */
  readonly seconds: number;
}

/** What two cores and a common disk manage, bytes of input per second. */
const speed = 100e6;
// Vision tower and embedding table stay in float32 beside quantised layers: 7 % of a LLaVA-1.5-7B's parameters.
const unquantised = 0.07;
// Blocks of 32 values with one float32 scale each.
const bytesPerParameter: Readonly<Record<Dtype, number>> = {
  fp32: 4,
  fp16: 2,
  q8: (1 - unquantised) * (1 + 4 / 32) + unquantised * 4,
  q4: (1 - unquantised) * (0.5 + 4 / 32) + unquantised * 4,
};

/**
 * @param inputBytes size of the checkpoint's weights
 * @param storedType `torch_dtype` (`dtype`) of its config.json; anything but `float32` counts as 16 bits
 */
export function estimateConversion(
  inputBytes: number,
  storedType: string | undefined,
  dtype: Dtype,
): ConversionEstimate {
  const parameters = inputBytes / (storedType === "float32" ? 4 : 2);
  const outputBytes = Math.round(parameters * bytesPerParameter[dtype]);
  return { inputBytes, outputBytes, seconds: Math.ceil(inputBytes / speed) };
}
