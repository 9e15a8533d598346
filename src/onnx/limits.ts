/** Caps that are checked on the raw bytes, before anything of that size is allocated. */
export interface OnnxLimits {
  /** Bytes of the `.onnx` file itself. Protobuf messages end at 2 GiB, weights belong in external data. */
  readonly fileBytes: number;
  /** Messages (nodes, attributes, tensors, ...) and unknown fields: each costs some hundred bytes once decoded. */
  readonly messages: number;
  /** Nesting of messages; each level of subgraphs takes three. */
  readonly depth: number;
  /** Bytes of one string: names are short, documentation rarely exceeds some kilobytes. */
  readonly stringBytes: number;
  /** Numbers in repeated fields, all together: an int64 takes one byte in the file and 24 or more once decoded. */
  readonly numbers: number;
  /** Axes of one tensor. */
  readonly rank: number;
}

/** Roomy for every real model: the largest graphs of exporters have some 100 000 nodes. */
export const defaultLimits: OnnxLimits = {
  fileBytes: 2 ** 31 - 1,
  messages: 2_000_000,
  depth: 60,
  stringBytes: 2 ** 20,
  numbers: 2 ** 23,
  rank: 32,
};
