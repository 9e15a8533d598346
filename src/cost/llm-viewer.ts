import { type LanguageGeometry, linearLayers } from "./geometry.js";
import type { Precision } from "./hardware.js";
import { type Operation, operation } from "./operation.js";

/**
 * A prefill as LLM-Viewer counts it (github.com/hahnyuan/LLM-Viewer, `model_analyzer.py` without FlashAttention and
 * `configs/Llama.py`, as of 2024), the tool behind the paper's efficiency table. It differs from
 * {@link languageOperations}: all n x n scores, written and read; the MLP's activation as wide as the hidden state; two
 * operands of an addition read as one; one operation per weight in the output layer; a norm's seven operations; no
 * embedding table.
 */
export function llmViewerPrefill(
  geometry: LanguageGeometry,
  tokens: number,
  precision: Precision,
): Operation[] {
  const { hiddenSize, layers, heads, keyValueHeads, vocabularySize } = geometry;
  const [w, a, kv] = [precision.weightBits / 8, precision.activationBits / 8, precision.keyValueBits / 8];
  const headSize = Math.floor(hiddenSize / heads);
  const scores = tokens * tokens * heads;
  const keysOrValues = tokens * headSize * keyValueHeads;
  const perToken = (name: string, operations: number, reads: number) =>
    operation(name, layers, {
      operations: operations * hiddenSize * tokens,
      readBytes: reads * hiddenSize * tokens * a,
      writtenBytes: hiddenSize * tokens * a,
    });
  return [
    ...linearLayers(geometry).map(({ name, inputs, outputs }) => {
      const cached = name === "k_proj" || name === "v_proj";
      return operation(name, layers, {
        operations: 2 * inputs * outputs * tokens,
        weightBytes: inputs * outputs * w,
        readBytes: inputs * tokens * a,
        writtenBytes: cached ? 0 : outputs * tokens * a,
        keyValueWrittenBytes: cached ? outputs * tokens * kv : 0,
      });
    }),
    operation("qk_matmul", layers, {
      operations: 2 * scores * headSize,
      readBytes: keysOrValues * a,
      writtenBytes: scores * a,
      keyValueReadBytes: keysOrValues * kv,
    }),
    operation("sv_matmul", layers, {
      operations: 2 * scores * headSize,
      readBytes: scores * a,
      writtenBytes: tokens * headSize * heads * a,
      keyValueReadBytes: keysOrValues * kv,
    }),
    operation("softmax", layers, {
      operations: 5 * scores,
      readBytes: scores * a,
      writtenBytes: scores * a,
    }),
    perToken("attn_norm", 7, 1),
    perToken("mlp_norm", 7, 1),
    perToken("attn_add", 1, 1),
    perToken("mlp_add", 1, 1),
    perToken("mlp_act", 2, 2),
    operation("lm_head", 1, {
      operations: hiddenSize * vocabularySize,
      weightBytes: hiddenSize * vocabularySize * w,
      readBytes: hiddenSize * a,
      writtenBytes: vocabularySize * a,
    }),
  ];
}
