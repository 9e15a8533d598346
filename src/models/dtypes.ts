import { PrumergeError } from "../errors.js";

/** Storage forms of a converted model's weights, in the command line's words. */
export const dtypes = ["fp32", "fp16", "q8", "int8", "q4"] as const;

/**
 * `fp32`, `fp16` (storage only, arithmetic stays fp32), `q8` and `q4`: symmetric blocks of 32 along a weight's input; `int8`: one scale for each
 * output of a weight, and products of whole numbers, with one for each row that comes in.
 */
export type Dtype = (typeof dtypes)[number];

/** transformers.js' suffixes of graph files: `decoder_model_merged_q4.onnx`. */
export const fileSuffixes: Readonly<Record<Dtype, string>> = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  q4: "_q4",
};

/** Of the language model's graph for the rows of prompts, where a folder has one of its own for them. */
export const prefillStem = "decoder_prefill";

function isDtype(value: unknown): value is Dtype {
  return dtypes.includes(value as Dtype);
}

/**
 * @param where the option's name
 * @throws PrumergeError INVALID_OPTION for what is neither a dtype nor undefined
 */
export function checkDtype(value: unknown, where: string): void {
  if (value === undefined || isDtype(value)) return;
  throw new PrumergeError("INVALID_OPTION", "there is no such dtype", {
    where,
    expected: dtypes.join(", "),
    found: JSON.stringify(value),
  });
}
