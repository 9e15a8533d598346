import type { ConfigReader } from "./config-reader.js";

/**
 * Fields of a configuration that change nothing about what a model computes for an answer: how it was trained, saved or
 * labelled, and what other files say. Everything else that is not read is to be said.
 */
const harmless: ReadonlySet<string> = new Set([
  // transformers' own of every model, in its versions 4 and 5
  "_attn_implementation", "_attn_implementation_autoset", "_commit_hash", "_name_or_path", "add_cross_attention",
  "architectures", "attn_implementation", "bos_token_id", "chunk_size_feed_forward", "cross_attention_hidden_size",
  "decoder_start_token_id", "dtype", "eos_token_id", "finetuning_task", "id2label", "is_decoder",
  "is_encoder_decoder", "label2id", "model_type", "output_attentions", "output_hidden_states", "output_scores",
  "pad_token_id", "prefix", "problem_type", "remove_invalid_values", "return_dict", "return_dict_in_generate",
  "sep_token_id", "task_specific_params", "tf_legacy_loss", "tie_encoder_decoder", "tokenizer_class", "torch_dtype",
  "torchscript", "transformers_version", "use_bfloat16", "use_cache", "unsloth_version", "unsloth_fixed",
  // training
  "attention_dropout", "dropout", "freeze_mm_mlp_adapter", "freeze_mm_vision_resampler", "freeze_mm_vision_tower",
  "hidden_dropout", "initializer_factor", "initializer_range", "mm_projector_lr", "mm_tunable_parts",
  "mm_vision_tower_lr", "pretraining_tp", "tune_mm_mlp_adapter", "tune_mm_vision_resampler", "unfreeze_mm_vision_tower",
  // sizes that follow from what is read, and heads that no LLaVA uses
  "image_crop_resolution", "image_seq_length", "image_split_resolution", "ignore_index", "logit_scale_init_value", "mm_hidden_size", "projection_dim",
  "text_config_dict", "use_image_newline_parameter", "vision_config_dict", "vision_use_head", "use_mm_proj", "vocab_size",
  // what a tokenizer is told
  "mm_use_im_patch_token", "mm_vision_tower", "tokenizer_model_max_length", "tokenizer_padding_side",
]); // biome-ignore format: a list

/** Fields that change nothing at these values. */
const neutral: Readonly<Record<string, readonly unknown[]>> = {
  begin_suppress_tokens: [],
  diversity_penalty: [0],
  encoder_no_repeat_ngram_size: [0],
  length_penalty: [1],
  max_length: [20],
  min_length: [0],
  no_repeat_ngram_size: [0],
  num_beam_groups: [1],
  num_beams: [1],
  num_return_sequences: [1],
  repetition_penalty: [1],
  temperature: [1],
  top_k: [50],
  top_p: [1],
  typical_p: [1],
};

/** Fields of one object of a configuration that were not read and may mean something. */
export interface UnreadFields {
  readonly where: string;
  readonly keys: readonly string[];
}

/**
 * What of a configuration nobody asked for after it was read, without what is known to change nothing and without what
 * says nothing (null, false, empty).
 */
export function unreadFields(config: ConfigReader): UnreadFields[] {
  const keys = config.unread().filter((key) => !harmless.has(key) && !isNeutral(key, config.peek(key)));
  const own = keys.length === 0 ? [] : [{ where: config.where, keys }];
  return [...own, ...config.children().flatMap(unreadFields)];
}

function isNeutral(key: string, value: unknown): boolean {
  if (value === false || (typeof value === "object" && value !== null && Object.keys(value).length === 0))
    return true;
  if (key === "layer_types") return Array.isArray(value) && value.every((type) => type === "full_attention");
  return neutral[key]?.includes(value) ?? false;
}
