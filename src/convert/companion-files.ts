import { convertFamily } from "../families/convert-registry.js";
import type { PreprocessSpec } from "../image/preprocess-spec.js";
import type { Json } from "../models/files/json-file.js";
import type { ModelSpec } from "../models/spec.js";
import type { ModelLayout, PartDtypes } from "./layout.js";
import type { Checkpoint } from "./source/checkpoint.js";

export interface CompanionOptions {
  readonly layout: ModelLayout;
  readonly dtypes: PartDtypes;
  readonly bakedTokens?: number;
  readonly preprocessing: PreprocessSpec;
}

/**
 * The files beside `onnx/` that other programs read, by name: transformers.js where the family has a vision graph for it
 * (and Python's transformers, but for the number of placeholders), else Python's processor. What each must say for
 * transformers.js to load the folder with no options was found by trying 4.x.
 */
export function companionFiles(checkpoint: Checkpoint, options: CompanionOptions): Map<string, string> {
  const { tokenizer, chatTemplate, generationConfig, videoProcessor } = checkpoint;
  return new Map([
    ["config.json", pretty(modelConfig(checkpoint, options))],
    ["generation_config.json", pretty({ ...tokenIds(checkpoint), ...generationConfig })],
    ["preprocessor_config.json", pretty(imageProcessor(checkpoint, options.preprocessing))],
    ...(videoProcessor === undefined
      ? []
      : [["video_preprocessor_config.json", pretty(videoProcessor)] as const]),
    ["processor_config.json", pretty(processor(checkpoint, options.bakedTokens))],
    ["tokenizer.json", JSON.stringify(tokenizer)],
    // transformers.js reads the template here, not from the .jinja file.
    ["tokenizer_config.json", pretty(tokenizerSettings(checkpoint))],
    ["chat_template.jinja", chatTemplate],
  ]);
}

/** Added tokens are listed as tokenizer.json has them: readers that find both take one or the other. */
function tokenizerSettings({ tokenizer, tokenizerConfig, chatTemplate }: Checkpoint): Json {
  const added = (tokenizer.added_tokens ?? []) as readonly (Json & { readonly id: number })[];
  const lists = tokenizerConfig.added_tokens_decoder !== undefined;
  return {
    ...tokenizerConfig,
    ...(lists && { added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [id, token])) }),
    chat_template: chatTemplate,
  };
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function modelConfig({ config, spec }: Checkpoint, { layout, dtypes }: CompanionOptions): Json {
  const { visionEncoder, embedTokens, mergedDecoder } = layout.names;
  return {
    ...config,
    tie_word_embeddings: spec.language.tiedEmbeddings,
    text_config: {
      ...languageSizes(spec),
      ...((config.text_config as Json | undefined) ?? rotationOf(config)),
      tie_word_embeddings: spec.language.tiedEmbeddings,
    },
    ...(visionEncoder !== undefined && {
      "transformers.js_config": {
        dtype: {
          vision_encoder: dtypes.vision,
          embed_tokens: dtypes.embedTokens,
          decoder_model_merged: dtypes.decoder,
        },
        use_external_data_format: { [visionEncoder]: 1, [embedTokens]: 1, [mergedDecoder]: 1 },
      },
    }),
  };
}

/** What a configuration with the language model's fields at its top says of positions, which else its class's defaults would say. */
function rotationOf(config: Json): Json {
  const keys = ["rope_theta", "rope_scaling", "rope_parameters"];
  return Object.fromEntries(keys.filter((key) => key in config).map((key) => [key, config[key]]));
}

/** Sizes that Python takes from its defaults where a checkpoint leaves them out, and transformers.js does not. */
function languageSizes({ language }: ModelSpec): Json {
  return {
    model_type: language.kind,
    hidden_size: language.hiddenSize,
    num_hidden_layers: language.layers,
    num_attention_heads: language.heads,
    num_key_value_heads: language.keyValueHeads,
    head_dim: language.headDim,
    intermediate_size: language.intermediateSize,
    vocab_size: language.vocabularySize,
    max_position_embeddings: language.context,
    rms_norm_eps: language.rmsNormEpsilon,
  };
}

function tokenIds({ specialTokens }: Checkpoint): Json {
  const { beginOfSequenceId, endOfSequenceIds, paddingId } = specialTokens;
  const [first, ...others] = endOfSequenceIds;
  return {
    ...(beginOfSequenceId === undefined ? {} : { bos_token_id: beginOfSequenceId }),
    eos_token_id: others.length === 0 ? first : endOfSequenceIds,
    ...(paddingId === undefined ? {} : { pad_token_id: paddingId }),
  };
}

/** Without `processor_class` here, transformers.js' AutoProcessor silently has no tokenizer. */
function imageProcessor(
  { imageProcessor, preprocessing: own, spec }: Checkpoint,
  wanted: PreprocessSpec,
): Json {
  const base = { ...imageProcessor, processor_class: convertFamily(spec).processor.className };
  if (wanted.aspect === own.aspect) return base;
  const { image_aspect_ratio: _, ...rest } = base as Json & { image_aspect_ratio?: unknown };
  return {
    ...rest,
    do_pad: wanted.aspect === "pad",
    size: { shortest_edge: wanted.shortestEdge },
    do_center_crop: true,
    crop_size: { height: wanted.size, width: wanted.size },
  };
}

function processor({ specialTokens, spec }: Checkpoint, bakedTokens: number | undefined): Json {
  const { className, settings } = convertFamily(spec).processor;
  return {
    processor_class: className,
    image_token: specialTokens.image,
    patch_size: spec.vision.patchSize,
    ...settings(spec, bakedTokens),
  };
}
