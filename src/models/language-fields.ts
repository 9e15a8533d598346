import { PrumergeError } from "../errors.js";
import type { ConfigReader } from "./config-reader.js";
import { parseRope } from "./rope.js";
import type { LanguageModelSpec } from "./spec.js";
import { checkDivides } from "./vision-fields.js";

/** What a family's configuration may leave out, and its biases. */
export interface LanguageModelFamily {
  readonly kind: LanguageModelSpec["kind"];
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Absent: as many as heads. */
  readonly keyValueHeads?: number;
  /** Absent: the width shared out among the heads. */
  readonly headDim?: number;
  readonly maxPositions: number;
  /** Absent: 1e-6. */
  readonly rmsNormEpsilon?: number;
  /** Absent: 10,000. */
  readonly ropeTheta?: number;
  /** Whether positions have three coordinates. Absent: one. */
  readonly threeAxes?: true;
  readonly biases: Pick<LanguageModelSpec, "queryKeyValueBias" | "outputBias" | "mlpBias">;
}

/** How a mixture of experts says that it is one. */
const expertFields = ["num_experts", "num_local_experts", "n_routed_experts", "moe_intermediate_size"];

function refuseExperts(config: ConfigReader): void {
  for (const key of expertFields)
    if (config.has(key) && config.raw(key) !== 0)
      throw config.unsupported(key, "a dense language model, and no mixture of experts");
}

/** Reads the fields that Llama, Mistral and Qwen2 share. */
export function languageModel(config: ConfigReader, family: LanguageModelFamily): LanguageModelSpec {
  config.choice("hidden_act", ["silu"], "silu");
  refuseExperts(config);
  const hiddenSize = config.size("hidden_size", family.hiddenSize);
  const heads = config.size("num_attention_heads", family.heads);
  // An explicit null means one key/value head per head, also where the family's own default is fewer.
  const keyValueHeads = config.size(
    "num_key_value_heads",
    config.isNull("num_key_value_heads") ? heads : (family.keyValueHeads ?? heads),
  );
  if (!config.has("head_dim") && family.headDim === undefined) checkDivides(config, heads, hiddenSize);
  const headDim = config.size("head_dim", family.headDim ?? Math.floor(hiddenSize / heads));
  if (heads % keyValueHeads !== 0 || headDim % 2 !== 0) {
    throw new PrumergeError("INVALID_FILE", "attention heads do not fit together", {
      where: config.where,
      expected: "an even head_dim and num_attention_heads a multiple of num_key_value_heads",
      found: `head_dim ${headDim}, ${heads} heads and ${keyValueHeads} key/value heads`,
    });
  }
  return {
    kind: family.kind,
    hiddenSize,
    layers: config.size("num_hidden_layers", family.layers),
    heads,
    keyValueHeads,
    headDim,
    intermediateSize: config.size("intermediate_size", family.intermediateSize),
    vocabularySize: config.size("vocab_size", family.vocabularySize),
    rmsNormEpsilon: config.positive("rms_norm_eps", family.rmsNormEpsilon ?? 1e-6),
    ...family.biases,
    tiedEmbeddings: config.boolean("tie_word_embeddings", false),
    ...parseRope(config, config.size("max_position_embeddings", family.maxPositions), {
      ...(family.ropeTheta !== undefined && { theta: family.ropeTheta }),
      ...(family.threeAxes === true && { threeAxesOf: headDim }),
    }),
  };
}

/** Refuses attention that forgets: a window of fewer tokens than the context. */
export function checkWindow(config: ConfigReader, key: string, window: number, context: number): void {
  if (window >= context) return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "sliding-window attention is not supported", {
    where: config.where,
    expected: `${key} null or at least the context of ${context}`,
    found: `${window}`,
  });
}
