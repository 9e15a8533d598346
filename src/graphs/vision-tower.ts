import { PrumergeError } from "../errors.js";
import { gridSide, patchCount, type VisionTowerSpec } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import {
  add,
  concat,
  expand,
  gather,
  gelu,
  ints,
  multiHeadAttention,
  patchConvolution,
  quickGelu,
  reshape,
  sizeOf,
  slice,
  transpose,
} from "../onnx/ops/index.js";
import { visionPrefix } from "./names.js";
import { acrossFrames } from "./temporal-attention.js";
import { layerNorm, linear, type TowerParts } from "./tower-parts.js";

export type { TowerParts };

/** What a tower gives per picture; B pictures, T tokens (class token first where there is one), C wide. */
export interface TowerOutputs {
  /** Hidden state at the feature layer, [B, T, C]. */
  readonly hidden: Value;
  /** Query projections of the last layer, of the class token [B, 1, C], or of all patches [B, N, C] without one. */
  readonly queries: Value;
  /** Key projections of the last layer, [B, T, C]. */
  readonly keys: Value;
  /** Of the layers before it that were asked for and that the tower has, by their number, -2 and below; [B, T, C] each. */
  readonly layers: ReadonlyMap<number, Pick<AttentionInputs, "queries" | "keys">>;
}

/** Tokens of the tower: patches, and the class token where there is one. */
export function tokenCount(vision: VisionTowerSpec): number {
  return patchCount(vision) + (vision.classToken ? 1 : 0);
}

/**
 * CLIP's or SigLIP's vision transformer, run as far as the feature layer and the signals need it. Queries and keys are
 * those of the tower's last layer whatever the feature layer, as in the released PruMerge; they are float32 like all
 * arithmetic here. Formulas: transformers `modeling_clip.py`, `modeling_siglip.py`. Where it looks across frames, the last
 * layer's queries and keys are those behind that layer's look.
 *
 * @param pixels float32 [B, 3, S, S]; of a tower that looks across frames, the frames of one video
 * @param featureLayer index into [embeddings, layer 0, ...], 0 .. layers
 * @param shown layers before the last whose queries and keys are wanted too, counted from the last, -2 and below
 * @param places of the patches; left out: all are valid, each at its own place
 */
export function visionTower(
  pixels: Value,
  parts: TowerParts,
  featureLayer: number,
  shown: readonly number[] = [],
  places?: PatchPlaces,
): TowerOutputs {
  const { vision } = parts;
  if (!Number.isInteger(featureLayer) || featureLayer < 0 || featureLayer > vision.layers) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "the vision tower has no such feature layer", {
      expected: `0 .. ${vision.layers}`,
      found: String(featureLayer),
    });
  }
  const last = vision.layers - 1;
  let state = embeddings(pixels, parts, places?.positions);
  let hidden = state;
  const layers = new Map<number, AttentionInputs>();
  for (let layer = 0; layer < last; layer++) {
    const seen = acrossFrames(state, layer, parts);
    const inputs = attentionInputs(seen, layer, parts);
    state = finishLayer(seen, inputs, layer, parts, places);
    if (shown.includes(layer - vision.layers)) layers.set(layer - vision.layers, inputs);
    if (layer + 1 === featureLayer) hidden = state;
  }
  const seen = acrossFrames(state, last, parts);
  const normalised = layerNorm(seen, `${layerName(last)}.layer_norm1`, parts);
  const keys = attentionInput(normalised, "k", last, parts);
  if (featureLayer === vision.layers) {
    const queries = attentionInput(normalised, "q", last, parts);
    hidden = finishLayer(seen, { normalised, queries, keys }, last, parts, places);
    return { hidden, keys, queries: vision.classToken ? slice(queries, 1, 0, 1, 1) : queries, layers };
  }
  const asking = vision.classToken ? slice(normalised, 1, 0, 1, 1) : normalised;
  return { hidden, keys, queries: attentionInput(asking, "q", last, parts), layers };
}

/**
 * Places every tensor of a tower, also those behind the feature layer, which no graph computes with and every checkpoint
 * holds.
 */
export function placeTower(parts: TowerParts): void {
  const graph = new GraphBuilder("tower");
  const { vision, frames = 1 } = parts;
  const { imageSize } = vision;
  const pixels = graph.input("pixel_values", "float32", [frames, 3, imageSize, imageSize]);
  const { hidden } = visionTower(pixels, parts, vision.layers);
  postLayerNorm(hidden, parts);
}

/** What of a view's patches is read, where a view may be partly filled up. */
export interface PatchPlaces {
  /** int64 [N], the row of the table of positions that each patch takes. */
  readonly positions: Value;
  /** int64 [valid], the patches that others attend to. */
  readonly valid: Value;
}

/** The norm behind the last layer, of families whose projector comes after it. */
export function postLayerNorm(hidden: Value, parts: TowerParts): Value {
  return layerNorm(hidden, "post_layernorm", parts);
}

function embeddings(pixels: Value, parts: TowerParts, places: Value | undefined): Value {
  const { graph } = pixels;
  const { vision, weights, prefix: tower = visionPrefix } = parts;
  const { hiddenSize: width, patchSize, imageSize } = vision;
  const prefix = `${tower}.embeddings`;
  const kernel = weights.tensor(graph, `${prefix}.patch_embedding.weight`, [width, 3, patchSize, patchSize]);
  const clip = vision.kind === "clip";
  const bias = clip ? undefined : weights.tensor(graph, `${prefix}.patch_embedding.bias`, [width]);
  const [batch, ...picture] = pixels.shape;
  if (picture.length !== 3 || picture[1] !== imageSize || picture[2] !== imageSize) {
    throw new PrumergeError("INVALID_TENSOR", "the tower takes square pictures of its own size", {
      expected: `[batch, 3, ${imageSize}, ${imageSize}]`,
      found: `[${pixels.shape.join(", ")}]`,
    });
  }
  const squares = patchConvolution(pixels, kernel, bias);
  let state = transpose(reshape(squares, [batch!, width, gridSide(vision) ** 2]), [0, 2, 1]);
  if (vision.classToken) {
    const token = reshape(weights.tensor(graph, `${prefix}.class_embedding`, [width]), [1, 1, width]);
    state = concat([repeat(token, pixels), state], 1);
  }
  const positions = weights.tensor(graph, `${prefix}.position_embedding.weight`, [tokenCount(vision), width]);
  state = add(state, places === undefined ? positions : gather(positions, places));
  // The checkpoints' own spelling.
  return clip ? layerNorm(state, "pre_layrnorm", parts) : state;
}

/** [1, 1, C] once per picture of the batch. */
function repeat(token: Value, pixels: Value): Value {
  const batch = pixels.shape[0]!;
  if (batch === 1) return token;
  const width = token.shape[2]!;
  const sizes = concat([sizeOf(pixels, 0), ints(token.graph, [1, width as number])], 0);
  return expand(token, [batch, 1, width], sizes);
}

function attentionInputs(state: Value, layer: number, parts: TowerParts): AttentionInputs {
  const normalised = layerNorm(state, `${layerName(layer)}.layer_norm1`, parts);
  const queries = attentionInput(normalised, "q", layer, parts);
  const keys = attentionInput(normalised, "k", layer, parts);
  return { normalised, queries, keys };
}

interface AttentionInputs {
  readonly normalised: Value;
  readonly queries: Value;
  readonly keys: Value;
}

function finishLayer(
  state: Value,
  { normalised, queries, keys }: AttentionInputs,
  layer: number,
  parts: TowerParts,
  places: PatchPlaces | undefined,
): Value {
  const { hiddenSize: width, intermediateSize: inner, heads, activation } = parts.vision;
  const name = layerName(layer);
  const values = attentionInput(normalised, "v", layer, parts);
  const read = (rows: Value) => (places === undefined ? rows : gather(rows, places.valid, 1));
  const mixed = multiHeadAttention(queries, read(keys), read(values), heads);
  const attended = add(state, linear(mixed, `${name}.self_attn.out_proj`, width, width, parts));
  const normed = layerNorm(attended, `${name}.layer_norm2`, parts);
  const wide = activate(linear(normed, `${name}.mlp.fc1`, inner, width, parts), activation);
  return add(attended, linear(wide, `${name}.mlp.fc2`, width, inner, parts));
}

function attentionInput(normalised: Value, part: "q" | "k" | "v", layer: number, parts: TowerParts): Value {
  const { hiddenSize } = parts.vision;
  return linear(normalised, `${layerName(layer)}.self_attn.${part}_proj`, hiddenSize, hiddenSize, parts);
}

function activate(x: Value, activation: VisionTowerSpec["activation"]): Value {
  switch (activation) {
    case "quick_gelu":
      return quickGelu(x);
    case "gelu":
      return gelu(x, "none");
    case "gelu_pytorch_tanh":
      return gelu(x, "tanh");
  }
}

function layerName(layer: number): string {
  return `encoder.layers.${layer}`;
}
