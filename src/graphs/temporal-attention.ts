import type { Value } from "../onnx/builder.js";
import { add, multiHeadAttention, transpose } from "../onnx/ops/index.js";
import { visionPrefix } from "./names.js";
import { layerNorm, linear, type TowerParts } from "./tower-parts.js";

/**
 * What a layer of LanguageBind's video tower does before everything else (`modeling_video.py`, `add_time_attn`): a vector for
 * each frame is added, and each token attends to the tokens at its own place in all frames, the class token's too. The added
 * vectors stay in what the layer goes on with.
 *
 * @param state float32 [frames, T, C], of one video
 * @returns the same of a tower that does not look across frames
 */
export function acrossFrames(state: Value, layer: number, parts: TowerParts): Value {
  const { vision, weights, prefix = visionPrefix, frames } = parts;
  if (frames === undefined) return state;
  const { hiddenSize: width, heads } = vision;
  const name = `encoder.layers.${layer}`;
  const when = weights.tensor(state.graph, `${prefix}.${name}.temporal_embedding`, [1, frames, width]);
  const dated = add(transpose(state, [1, 0, 2]), when); // [T, frames, C]
  const normed = layerNorm(dated, `${name}.temporal_layer_norm1`, parts);
  const part = (kind: "q" | "k" | "v") =>
    linear(normed, `${name}.temporal_attn.${kind}_proj`, width, width, parts);
  const mixed = multiHeadAttention(part("q"), part("k"), part("v"), heads);
  const looked = add(dated, linear(mixed, `${name}.temporal_attn.out_proj`, width, width, parts));
  return transpose(looked, [1, 0, 2]);
}
