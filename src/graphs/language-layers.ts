import type { LanguageModelSpec } from "../models/spec.js";
import type { Value } from "../onnx/builder.js";
import { mul, rmsNormalization, silu, skipRmsNormalization } from "../onnx/ops/index.js";
import { embeddingWeight, languagePrefix, outputWeight } from "./names.js";
import type { GraphWeights } from "./weights.js";

/** A language model whose layers are being written into a graph. */
export interface LanguageModel {
  readonly spec: LanguageModelSpec;
  readonly weights: GraphWeights;
}

/** What flows between layers: the residual stream and its normalised form, both [..., rows, D]. */
export interface Stream {
  readonly residual: Value;
  readonly normalized: Value;
}

const layerName = (layer: number) => `${languagePrefix}.layers.${layer}`;

export function enterStream(model: LanguageModel, embeddings: Value): Stream {
  const scale = normScale(model, embeddings, layerNorm(0, "input_layernorm"));
  return {
    residual: embeddings,
    normalized: rmsNormalization(embeddings, scale, model.spec.rmsNormEpsilon),
  };
}

/** Queries [..., heads * headDim], or keys or values [..., keyValueHeads * headDim], not rotated yet. */
export function project(
  model: LanguageModel,
  layer: number,
  part: "q" | "k" | "v",
  normalized: Value,
): Value {
  const { spec, weights } = model;
  const name = `${layerName(layer)}.self_attn.${part}_proj`;
  const width = (part === "q" ? spec.heads : spec.keyValueHeads) * spec.headDim;
  const bias = spec.queryKeyValueBias ? `${name}.bias` : undefined;
  return weights.linear(normalized, `${name}.weight`, width, spec.hiddenSize, bias);
}

/** Everything of a layer after attention: its output projection, the MLP, and the norm of what follows. */
export function finishLayer(model: LanguageModel, layer: number, residual: Value, attended: Value): Stream {
  const { spec, weights } = model;
  const output = `${layerName(layer)}.self_attn.o_proj`;
  const outputBias = spec.outputBias ? `${output}.bias` : undefined;
  const attention = weights.linear(
    attended,
    `${output}.weight`,
    spec.hiddenSize,
    spec.heads * spec.headDim,
    outputBias,
  );
  const middle = addAndNormalize(model, residual, attention, layerNorm(layer, "post_attention_layernorm"));
  const last = layer === spec.layers - 1;
  const next = last ? `${languagePrefix}.norm.weight` : layerNorm(layer + 1, "input_layernorm");
  return addAndNormalize(model, middle.residual, mlp(model, layer, middle.normalized), next);
}

/** Logits [..., V] of normalised rows; tied models use the embedding table. */
export function outputLogits(model: LanguageModel, normalized: Value): Value {
  const { spec, weights } = model;
  const source = spec.tiedEmbeddings ? embeddingWeight : outputWeight;
  return weights.linear(normalized, source, spec.vocabularySize, spec.hiddenSize);
}

function mlp(model: LanguageModel, layer: number, x: Value): Value {
  const { hiddenSize, intermediateSize, mlpBias } = model.spec;
  const linear = (input: Value, part: string, outSize: number, inSize: number) => {
    const name = `${layerName(layer)}.mlp.${part}_proj`;
    return model.weights.linear(
      input,
      `${name}.weight`,
      outSize,
      inSize,
      mlpBias ? `${name}.bias` : undefined,
    );
  };
  const gate = silu(linear(x, "gate", intermediateSize, hiddenSize));
  return linear(
    mul(gate, linear(x, "up", intermediateSize, hiddenSize)),
    "down",
    hiddenSize,
    intermediateSize,
  );
}

function layerNorm(layer: number, part: "input_layernorm" | "post_attention_layernorm"): string {
  return `${layerName(layer)}.${part}.weight`;
}

function addAndNormalize(model: LanguageModel, residual: Value, update: Value, norm: string): Stream {
  const scale = normScale(model, residual, norm);
  const [normalized, sum] = skipRmsNormalization(update, residual, scale, model.spec.rmsNormEpsilon);
  return { residual: sum, normalized };
}

function normScale({ spec, weights }: LanguageModel, x: Value, name: string): Value {
  return weights.tensor(x.graph, name, [spec.hiddenSize]);
}
