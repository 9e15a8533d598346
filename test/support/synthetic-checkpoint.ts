import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointTensors } from "../../src/families/checkpoint-tensors.js";
import type { SquareModelSpec } from "../../src/models/spec.js";
import {
  generatedContents,
  type WeightShard,
  writeSafetensorsShard,
  writeTorchShard,
} from "./synthetic-shards.js";
import { syntheticTokenizer } from "./synthetic-tokenizer.js";

export interface SyntheticOptions {
  /** Largest shard, bytes. */
  readonly shardBytes: number;
  /** safetensors shards, or torch zip `.bin` shards; both with an index. */
  readonly form: "safetensors" | "torch";
}

/**
 * Writes a checkpoint in the hub's LLaVA layout with generated float16 weights: a sharded folder that converts, loads
 * and answers (nonsense) like a real one. Weights repeat a pool of normal numbers, so that 13 GB take disk time only.
 *
 * @returns bytes of all weights
 */
export function writeSyntheticCheckpoint(
  folder: string,
  spec: SquareModelSpec,
  options: SyntheticOptions,
): number {
  mkdirSync(folder, { recursive: true });
  const shards = cutIntoShards(spec, options.shardBytes);
  const extension = options.form === "safetensors" ? ".safetensors" : ".bin";
  const stem = options.form === "safetensors" ? "model" : "pytorch_model";
  const number = (n: number) => String(n).padStart(5, "0");
  const weightMap: Record<string, string> = {};
  const contents = generatedContents();
  let total = 0;
  for (const [index, shard] of shards.entries()) {
    const name = `${stem}-${number(index + 1)}-of-${number(shards.length)}${extension}`;
    const write = options.form === "safetensors" ? writeSafetensorsShard : writeTorchShard;
    write(join(folder, name), shard, contents);
    for (const tensor of shard) {
      weightMap[tensor.name] = name;
      total += tensor.elements * 2;
    }
  }
  const json = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
  json(`${stem}${extension}.index.json`, { metadata: { total_size: total }, weight_map: weightMap });
  json("config.json", config(spec));
  json("generation_config.json", { bos_token_id: 1, eos_token_id: 2, pad_token_id: 0 });
  json("preprocessor_config.json", preprocessor(spec));
  const markers = spec.blockSide === undefined ? [] : smolVlmMarkers;
  json("tokenizer.json", syntheticTokenizer(spec.language.vocabularySize, spec.imageTokenId, markers));
  if (spec.blockSide !== undefined) writeFileSync(join(folder, "chat_template.jinja"), smolVlmTemplate);
  json("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: "<s>",
    eos_token: "</s>",
    unk_token: "<unk>",
    padding_side: "left",
    clean_up_tokenization_spaces: false,
  });
  return total;
}

/** In the order of the released vocabulary's ids, which end right before the image token's. */
const smolVlmMarkers = [
  "<global-img>",
  ...Array.from({ length: 36 }, (_, at) => `<row_${Math.floor(at / 6) + 1}_col_${(at % 6) + 1}>`),
  "<fake_token_around_image>",
];
const smolVlmTemplate =
  "{% for message in messages %}{% for part in message.content %}" +
  "{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}\n{% endfor %}";

function cutIntoShards(spec: SquareModelSpec, shardBytes: number): WeightShard[] {
  const shards: WeightShard[] = [[]];
  let bytes = 0;
  for (const [name, shape] of checkpointTensors(spec)) {
    const elements = shape.reduce((product, size) => product * size, 1);
    if (bytes > 0 && bytes + elements * 2 > shardBytes) {
      shards.push([]);
      bytes = 0;
    }
    bytes += elements * 2;
    shards.at(-1)!.push({ name, shape, elements, fill: fillOf(name) });
  }
  return shards;
}

function fillOf(name: string): "normal" | "one" | "zero" {
  if (name.endsWith(".bias")) return "zero";
  return /norm\d?\.weight$/.test(name) ? "one" : "normal";
}

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
