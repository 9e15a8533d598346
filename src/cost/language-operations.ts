import { type LanguageGeometry, linearLayers } from "./geometry.js";
import type { Precision } from "./hardware.js";
import { type Operation, operation } from "./operation.js";

/**
 * `fused`: scores never leave the chip, and masked ones are not computed (FlashAttention, arXiv 2205.14135; keys and
 * values are counted as read once). `unfused`: all n x t scores are computed, written, and read twice.
 */
export type Attention = "fused" | "unfused";

/** Tokens that a pass of the language model takes. */
export interface Pass {
  /** Tokens that go through the layers: the whole prompt in prefill, 1 in decode. */
  readonly tokens: number;
  /** Tokens in the cache before. */
  readonly past: number;
  /** Of `tokens`, those looked up in the embedding table: not the visual ones. */
  readonly lookedUp: number;
}

/** Everything that one pass of a Llama-like model computes and moves; the output layer for the last token alone. */
export function languageOperations(
  geometry: LanguageGeometry,
  { tokens: n, past, lookedUp }: Pass,
  precision: Precision,
  attention: Attention,
): Operation[] {
  const { hiddenSize, layers, intermediateSize, vocabularySize } = geometry;
  const [w, a] = [precision.weightBits / 8, precision.activationBits / 8];
  const row = hiddenSize * a;
  const elementwise = (name: string, perElement: number, reads: number, width: number, times = layers) =>
    operation(name, times, {
      operations: perElement * n * width,
      readBytes: reads * n * width * a,
      writtenBytes: n * width * a,
    });
  return [
    operation("embed", 1, { readBytes: lookedUp * hiddenSize * 2, writtenBytes: lookedUp * row }),
    elementwise("norms", 4, 1, hiddenSize, 2 * layers),
    ...linearLayers(geometry).map(({ name, inputs, outputs }) => {
      const cached = name === "k_proj" || name === "v_proj";
      return operation(name, layers, {
        operations: 2 * n * inputs * outputs,
        weightBytes: inputs * outputs * w,
        readBytes: n * inputs * a,
        writtenBytes: cached ? 0 : n * outputs * a,
        keyValueWrittenBytes: cached ? (n * outputs * precision.keyValueBits) / 8 : 0,
      });
    }),
    ...attentionOperations(geometry, n, past, precision, attention),
    elementwise("add", 1, 2, hiddenSize, 2 * layers),
    elementwise("activation", 5, 2, intermediateSize),
    operation("final_norm", 1, { operations: 4 * hiddenSize, readBytes: row, writtenBytes: row }),
    operation("lm_head", 1, {
      operations: 2 * hiddenSize * vocabularySize,
      weightBytes: hiddenSize * vocabularySize * w,
      readBytes: row,
      writtenBytes: vocabularySize * a,
    }),
  ];
}

/** Per score: 2 d for the product, 2 d for the sum of values, 5 for softmax (maximum, difference, exp, sum, quotient). */
function attentionOperations(
  { layers, heads, keyValueHeads, headDim }: LanguageGeometry,
  n: number,
  past: number,
  precision: Precision,
  attention: Attention,
): Operation[] {
  const a = precision.activationBits / 8;
  const context = past + n;
  const inOut = n * heads * headDim * a;
  const keysOrValues = (context * keyValueHeads * headDim * precision.keyValueBits) / 8;
  if (attention === "fused") {
    const scores = heads * (n * past + (n * (n + 1)) / 2);
    return [
      operation("attention", layers, {
        operations: scores * (4 * headDim + 5),
        readBytes: inOut,
        writtenBytes: inOut,
        keyValueReadBytes: 2 * keysOrValues,
      }),
    ];
  }
  const scores = heads * n * context;
  return [
    operation("qk_matmul", layers, {
      operations: scores * 2 * headDim,
      readBytes: inOut,
      writtenBytes: scores * a,
      keyValueReadBytes: keysOrValues,
    }),
    operation("softmax", layers, {
      operations: scores * 5,
      readBytes: scores * a,
      writtenBytes: scores * a,
    }),
    operation("sv_matmul", layers, {
      operations: scores * 2 * headDim,
      readBytes: scores * a,
      writtenBytes: inOut,
      keyValueReadBytes: keysOrValues,
    }),
  ];
}
