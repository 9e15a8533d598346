import type { Json } from "../../models/files/json-file.js";
import { type LlavaParts, patchCount } from "../../models/spec.js";

/** What a language model's configuration holds beside sizes of the whole, under the same keys in either layout. */
const languageKeys = [
  "attention_bias",
  "bos_token_id",
  "eos_token_id",
  "head_dim",
  "hidden_act",
  "hidden_size",
  "intermediate_size",
  "layer_types",
  "max_position_embeddings",
  "max_window_layers",
  "mlp_bias",
  "num_attention_heads",
  "num_hidden_layers",
  "num_key_value_heads",
  "original_max_position_embeddings",
  "pad_token_id",
  "partial_rotary_factor",
  "rms_norm_eps",
  "rope_parameters",
  "rope_scaling",
  "rope_theta",
  "sliding_window",
  "tie_word_embeddings",
  "torch_dtype",
  "use_sliding_window",
] as const;

/**
 * Hugging Face's configuration of a checkpoint in the original layout, as far as families share it.
 *
 * @param names the family's architecture and model type
 * @param original The original `config.json`.
 * @param tower The vision tower's `config.json`.
 */
export function huggingFaceConfig(
  spec: LlavaParts,
  names: { readonly architecture: string; readonly modelType: string },
  original: Json,
  tower: Json,
): Json {
  const text = Object.fromEntries(
    languageKeys.filter((key) => key in original).map((key) => [key, original[key]]),
  );
  const { kind, layers, classToken } = spec.vision;
  const vision = {
    ...((tower.vision_config ?? tower) as Json),
    model_type: `${kind}_vision_model`,
    num_hidden_layers: layers,
    // The pooling head behind the tower, which no LLaVA uses and no checkpoint of it holds.
    ...(kind === "siglip" && { vision_use_head: false }),
  };
  return {
    architectures: [names.architecture],
    model_type: names.modelType,
    image_seq_length: patchCount(spec.vision) + (spec.selectStrategy === "full" && classToken ? 1 : 0),
    image_token_index: spec.imageTokenId,
    multimodal_projector_bias: spec.projector.bias,
    projector_hidden_act: spec.projector.activation,
    text_config: { ...text, model_type: spec.language.kind, vocab_size: spec.language.vocabularySize },
    tie_word_embeddings: spec.language.tiedEmbeddings,
    vision_config: vision,
    vision_feature_layer: spec.featureLayer - layers - 1,
    vision_feature_select_strategy: spec.selectStrategy,
  };
}
