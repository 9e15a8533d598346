import type { SquareModelSpec } from "../../src/models/spec.js";
import { type GeneratedOptions, writeGeneratedCheckpoint } from "./generated-checkpoint.js";

/**
 * Writes a checkpoint of LLaVA's or SmolVLM's kind with generated weights; see {@link writeGeneratedCheckpoint}.
 *
 * @returns bytes of all weights
 */
export function writeSyntheticCheckpoint(
  folder: string,
  spec: SquareModelSpec,
  options: GeneratedOptions,
): number {
  const blocks = spec.blockSide !== undefined && { markers: smolVlmMarkers, template: smolVlmTemplate };
  const files = { config: config(spec), preprocessor: preprocessor(spec), ...blocks };
  return writeGeneratedCheckpoint(folder, spec, files, options);
}

/** In the order of the released vocabulary's ids, which end right before the image token's. */
export const smolVlmMarkers = [
  "<global-img>",
  ...Array.from({ length: 36 }, (_, at) => `<row_${Math.floor(at / 6) + 1}_col_${(at % 6) + 1}>`),
  "<fake_token_around_image>",
];
export const smolVlmTemplate =
  "{% for message in messages %}{% for part in message.content %}" +
  "{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}\n{% endfor %}";

function config({ vision, language, ...spec }: SquareModelSpec): unknown {
  const ofBlocks = {
    architectures: ["SmolVLMForConditionalGeneration"],
    model_type: "smolvlm",
    image_token_id: spec.imageTokenId,
    scale_factor: spec.blockSide,
  };
  const ofPatches = {
    architectures: ["LlavaForConditionalGeneration"],
    model_type: "llava",
    image_token_index: spec.imageTokenId,
    projector_hidden_act: "gelu",
    vision_feature_layer: spec.featureLayer - vision.layers - 1,
    vision_feature_select_strategy: spec.selectStrategy,
  };
  return {
    ...(spec.blockSide === undefined ? ofPatches : ofBlocks),
    torch_dtype: "float16",
    tie_word_embeddings: language.tiedEmbeddings,
    text_config: {
      model_type: language.kind,
      hidden_size: language.hiddenSize,
      num_hidden_layers: language.layers,
      num_attention_heads: language.heads,
      num_key_value_heads: language.keyValueHeads,
      intermediate_size: language.intermediateSize,
      vocab_size: language.vocabularySize,
      rms_norm_eps: language.rmsNormEpsilon,
      max_position_embeddings: language.context,
      rope_theta: language.rope.theta,
      tie_word_embeddings: language.tiedEmbeddings,
      hidden_act: "silu",
    },
    vision_config: {
      model_type: `${vision.kind}_vision_model`,
      hidden_size: vision.hiddenSize,
      num_hidden_layers: vision.layers,
      num_attention_heads: vision.heads,
      intermediate_size: vision.intermediateSize,
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
      hidden_act: vision.activation,
      layer_norm_eps: vision.layerNormEpsilon,
    },
  };
}

function preprocessor({ vision: { kind, imageSize: side }, blockSide }: SquareModelSpec): unknown {
  if (blockSide !== undefined) {
    return {
      image_processor_type: "SmolVLMImageProcessor",
      size: { longest_edge: 4 * side },
      max_image_size: { longest_edge: side },
    };
  }
  if (kind === "siglip") {
    return {
      image_processor_type: "SiglipImageProcessor",
      do_resize: true,
      size: { height: side, width: side },
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      resample: 3,
    };
  }
  return {
    image_processor_type: "CLIPImageProcessor",
    do_resize: true,
    size: { shortest_edge: side },
    do_center_crop: true,
    crop_size: { height: side, width: side },
    do_normalize: true,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
    resample: 3,
  };
}
