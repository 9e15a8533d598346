import type { LanguageModelSpec } from "../models/spec.js";
import type { Value } from "../onnx/builder.js";
import { add, mul, reshape, rmsNormalization, silu, skipRmsNormalization, slice } from "../onnx/ops/index.js";
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

/** The rows of a model's input, [..., W], in their parts: a row's own [..., D], and what is added to it behind each of the first layers. */
export function rowParts(rows: Value, { hiddenSize, deepRows = 0 }: LanguageModelSpec): readonly Value[] {
  if (deepRows === 0) return [rows];
  return Array.from({ length: 1 + deepRows }, (_, part) =>
    slice(rows, -1, part * hiddenSize, (part + 1) * hiddenSize, hiddenSize),
  );
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
  const projected = weights.linear(normalized, `${name}.weight`, width, spec.hiddenSize, bias);
  return spec.queryKeyNorm === true && part !== "v"
    ? normalizeHeads(model, projected, `${layerName(layer)}.self_attn.${part}_norm.weight`)
    : projected;
}

/** Each head of queries or keys [..., heads * headDim] by itself. */
function normalizeHeads({ spec, weights }: LanguageModel, x: Value, norm: string): Value {
  const { headDim, rmsNormEpsilon } = spec;
  const [batch, count, width] = x.shape as [number | string, number | string, number];
  const heads = reshape(x, [batch, count, width / headDim, headDim]);
  const scale = weights.tensor(x.graph, norm, [headDim]);
  return reshape(rmsNormalization(heads, scale, rmsNormEpsilon), x.shape);
}

/**
 * Everything of a layer after attention: its output projection, the MLP, and the norm of what follows.
 *
 * @param deep what is added to the rows behind this layer
 */
export function finishLayer(
  model: LanguageModel,
  layer: number,
  residual: Value,
  attended: Value,
  deep?: Value,
): Stream {
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
  const before = deep === undefined ? middle.residual : add(middle.residual, deep);
  return addAndNormalize(model, before, mlp(model, layer, middle.normalized), next);
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
