import { describe, expect, it } from "vitest";
import { parseModelConfig } from "../families/convert-registry.js";
import { parsePreprocessing } from "../image/parse-preprocessing.js";
import { type CompanionOptions, companionFiles } from "./companion-files.js";
import { layOutModel, partDtypes } from "./layout.js";
import type { Checkpoint } from "./source/checkpoint.js";

// The hub's llava-1.5-7b-hf says little more than this about its parts, and leaves the rest to Python's defaults.
const config = {
  architectures: ["LlavaForConditionalGeneration"],
  model_type: "llava",
  image_token_index: 32000,
  text_config: {
    model_type: "llama",
    max_position_embeddings: 4096,
    num_hidden_layers: 2,
    rms_norm_eps: 1e-5,
    vocab_size: 32064,
  },
  vision_config: {
    model_type: "clip_vision_model",
    hidden_size: 1024,
    image_size: 336,
    intermediate_size: 4096,
    num_attention_heads: 16,
    num_hidden_layers: 3,
    patch_size: 14,
    projection_dim: 768,
  },
};
const imageProcessor = {
  image_processor_type: "CLIPImageProcessor",
  crop_size: { height: 336, width: 336 },
  size: { shortest_edge: 336 },
};

function files(changes: Partial<CompanionOptions> = {}, ownProcessor: object = imageProcessor) {
  const spec = parseModelConfig(config, "config.json");
  const preprocessing = parsePreprocessing(ownProcessor);
  const checkpoint = {
    layout: "hugging-face",
    spec,
    config,
    tokenizer: { model: { vocab: {} } },
    tokenizerConfig: { tokenizer_class: "LlamaTokenizer", bos_token: "<s>" },
    chatTemplate: "{{ messages }}",
    preprocessing,
    imageProcessor: ownProcessor,
    generationConfig: { pad_token_id: 7 },
    specialTokens: { image: "<image>", beginOfSequenceId: 1, endOfSequenceIds: [2] },
  } as unknown as Checkpoint;
  const dtypes = partDtypes("q4");
  const bakedTokens = 64;
  const layout = layOutModel(spec, { dtypes, bakedTokens });
  const written = companionFiles(checkpoint, { layout, dtypes, bakedTokens, preprocessing, ...changes });
  return (name: string) => JSON.parse(written.get(name)!);
}

describe("companionFiles", () => {
  it("tells transformers.js dtypes, external data and the sizes that the checkpoint leaves to defaults", () => {
    const written = files()("config.json");
    expect(written["transformers.js_config"]).toEqual({
      dtype: { vision_encoder: "fp32", embed_tokens: "fp16", decoder_model_merged: "q4" },
      use_external_data_format: {
        "vision_encoder.onnx": 1,
        "embed_tokens_fp16.onnx": 1,
        "decoder_model_merged_q4.onnx": 1,
      },
    });
    // transformers' LlamaConfig defaults.
    expect(written.text_config).toMatchObject({
      hidden_size: 4096,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      intermediate_size: 11008,
      num_hidden_layers: 2,
    });
    expect(parseModelConfig(written, "config.json")).toEqual(parseModelConfig(config, "config.json"));
  });

  it("says how many placeholders a picture has, as a difference to the patches", () => {
    expect(files()("processor_config.json")).toMatchObject({
      processor_class: "LlavaProcessor",
      patch_size: 14,
      num_additional_image_tokens: 64 - 576,
    });
    expect(files()("preprocessor_config.json").processor_class).toBe("LlavaProcessor");
  });

  it("puts the chat template where transformers.js reads it, and keeps the checkpoint's own settings", () => {
    expect(files()("tokenizer_config.json")).toEqual({
      tokenizer_class: "LlamaTokenizer",
      bos_token: "<s>",
      chat_template: "{{ messages }}",
    });
    expect(files()("generation_config.json")).toEqual({ bos_token_id: 1, eos_token_id: 2, pad_token_id: 7 });
  });

  it.each([
    ["pad", imageProcessor],
    ["crop", { ...imageProcessor, do_pad: true }],
    ["crop", { ...imageProcessor, image_aspect_ratio: "pad" }],
    ["pad", { image_processor_type: "SiglipImageProcessor", size: { height: 336, width: 336 } }],
    ["crop", { image_processor_type: "SiglipImageProcessor", size: { height: 336, width: 336 } }],
  ] as const)("writes another aspect, %s, so that it is read back: %o", (aspect, own) => {
    const preprocessing = { ...parsePreprocessing(own), aspect };
    const written = files({ preprocessing }, own)("preprocessor_config.json");
    expect(parsePreprocessing(written)).toEqual(preprocessing);
  });
});
