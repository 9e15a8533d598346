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
// Beside quantised layers the vision side stays in float32 and the embedding table goes to float16: 4.6 and 1.9 % of a
// LLaVA-1.5-7B's parameters.
const visionShare = 0.046;
const tableShare = 0.019;
const unquantisedBytes = visionShare * 4 + tableShare * 2;
const quantised = 1 - visionShare - tableShare;
// Blocks of 32 values with one float32 scale each.
const bytesPerParameter: Readonly<Record<Dtype, number>> = {
  fp32: 4,
  fp16: 2,
  q8: quantised * (1 + 4 / 32) + unquantisedBytes,
  q4: quantised * (0.5 + 4 / 32) + unquantisedBytes,
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
