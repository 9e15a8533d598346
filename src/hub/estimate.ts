import type { Dtype } from "../models/dtypes.js";
import type { CheckpointConfig } from "./read-checkpoint-config.js";

/** What a conversion is going to take, roughly: good enough to ask a person, not to check a disk. */
export interface ConversionEstimate {
  /** Weights to read, bytes. */
  readonly inputBytes: number;
  /** Model folder to write, bytes. */
  readonly outputBytes: number;
  /** Time without any download, seconds. */
  readonly seconds: number;
}

/** What is made: language model and vision tower. */
export interface ConversionDtypes {
  readonly dtype: Dtype;
  readonly visionDtype?: Dtype;
}

/** What two cores and a common disk manage, bytes of input per second. */
const speed = 100e6;

/** Blocks of 32 values with one float32 scale each. */
const bytesPerParameter: Readonly<Record<Dtype, number>> = {
  fp32: 4,
  fp16: 2,
  q8: 1 + 4 / 32,
  int8: 1,
  q4: 0.5 + 4 / 32,
};

/** Of a LLaVA-1.5-7B's parameters, where a configuration does not say. */
const usual = { vision: 0.046, table: 0.019 };

/**
 * @param inputBytes size of the checkpoint's weights
 * @param config what its config.json says; stored types but `float32` count as 16 bits
 */
export function estimateConversion(
  inputBytes: number,
  { storedType, parameters: counts, tiedEmbeddings = false }: CheckpointConfig,
  { dtype, visionDtype = dtype === "fp16" ? "fp16" : "fp32" }: ConversionDtypes,
): ConversionEstimate {
  const parameters = inputBytes / (storedType === "float32" ? 4 : 2);
  const { vision, table } = counts ?? { vision: usual.vision * parameters, table: usual.table * parameters };
  // The table is looked up in float16 beside anything smaller; where it is the output layer too, that is stored apart.
  const language = parameters - vision - table + (tiedEmbeddings ? table : 0);
  const outputBytes =
    vision * bytesPerParameter[visionDtype] +
    table * bytesPerParameter[dtype === "fp32" ? "fp32" : "fp16"] +
    language * bytesPerParameter[dtype];
  return { inputBytes, outputBytes: Math.round(outputBytes), seconds: Math.ceil(inputBytes / speed) };
}
