import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { type ModelSpec, type RopeSpec, squareModel } from "../models/spec.js";
import { parseModelConfig } from "./convert-registry.js";

type Json = Record<string, unknown>;
interface Recorded {
  readonly config: Json;
  readonly parsed: { readonly text: Json; readonly vision: Json } & Json;
}

/** Configurations with what transformers makes of them. */
const recorded: Record<string, Recorded> = JSON.parse(
  readFileSync(new URL("../../test/fixtures/checkpoints/configs.json", import.meta.url), "utf8"),
);
const parse = (config: unknown) => parseModelConfig(config, "config.json");

function textOf({ language }: ModelSpec): Json {
  return {
    model_type: language.kind,
    hidden_size: language.hiddenSize,
    num_hidden_layers: language.layers,
    num_attention_heads: language.heads,
    num_key_value_heads: language.keyValueHeads,
    intermediate_size: language.intermediateSize,
    vocab_size: language.vocabularySize,
    rms_norm_eps: language.rmsNormEpsilon,
    tie_word_embeddings: language.tiedEmbeddings,
  };
}

function visionOf(spec: ModelSpec): Json {
  const { vision } = squareModel(spec);
  return {
    model_type: `${vision.kind}_vision_model`,
    hidden_size: vision.hiddenSize,
    num_hidden_layers: vision.layers,
    num_attention_heads: vision.heads,
    intermediate_size: vision.intermediateSize,
    image_size: vision.imageSize,
    patch_size: vision.patchSize,
    hidden_act: vision.activation,
    layer_norm_eps: vision.layerNormEpsilon,
  };
}

const ropeKeys: Record<string, string> = {
  rope_type: "kind",
  rope_theta: "theta",
  factor: "factor",
  low_freq_factor: "lowFrequencyFactor",
  high_freq_factor: "highFrequencyFactor",
  original_max_position_embeddings: "originalContext",
  beta_fast: "betaFast",
  beta_slow: "betaSlow",
  mscale: "mscale",
  mscale_all_dim: "mscaleAllDim",
  truncate: "truncate",
};

describe("a configuration means what transformers makes of it", () => {
  it.each(Object.keys(recorded))("%s", (name) => {
    const { config, parsed } = recorded[name]!;
    const spec = parse(config);
    expect(parsed.text).toMatchObject(textOf(spec));
    expect(parsed.vision).toMatchObject(visionOf(spec));
    const headDim = (parsed.text.head_dim ?? 128) as number; // Qwen2 has no such field: 4096 / 32
    expect(spec.language.headDim).toBe(headDim);
    const biased = parsed.text.attention_bias === true;
    expect(spec.language.outputBias).toBe(biased);
    expect(spec.language.queryKeyValueBias).toBe(biased || spec.language.kind === "qwen2");
    expect(spec.language.mlpBias).toBe(parsed.text.mlp_bias ?? false);
    for (const [key, value] of Object.entries(parsed.text.rope_parameters as Json)) {
      if (key !== "type") expect(spec.language.rope[ropeKeys[key] as keyof RopeSpec]).toBe(value);
    }
    expect(spec.featureLayer).toBe(spec.vision.layers + 1 + (parsed.vision_feature_layer as number));
    expect(spec.selectStrategy).toBe(parsed.vision_feature_select_strategy);
    expect(spec.projector).toEqual({
      hiddenSize: spec.language.hiddenSize,
      activation: parsed.projector_hidden_act,
      bias: parsed.multimodal_projector_bias,
    });
  });
});

describe("the context is what the rope scaling was made for", () => {
  it.each([
    ["vicuna-7b", 4096],
    ["linear-old", 16384],
    ["dynamic-old", 8192],
    ["llama3", 131072],
    ["yarn-old", 131072],
    ["yarn-new", 8192],
  ])("%s: %i", (name, context) => {
    expect(parse(recorded[name]!.config).language.context).toBe(context);
  });
});

const small = { hidden_size: 64, num_attention_heads: 8, num_hidden_layers: 2, vocab_size: 100 };
const config = (text: Json = {}, more: Json = {}, vision: Json = {}): Json => ({
  model_type: "llava",
  image_token_index: 7,
  text_config: { ...small, ...text },
  vision_config: { model_type: "clip_vision_model", ...vision },
  ...more,
});

/** Language models' configurations with the rotation that transformers makes of them. */
const rotations: Record<string, { text: Json; rope: Json }> = JSON.parse(
  readFileSync(new URL("../../test/fixtures/kept-weights/configs.json", import.meta.url), "utf8"),
);

describe("the rotation is the one that transformers takes", () => {
  it.each(Object.keys(rotations))("%s", (name) => {
    const { text, rope } = rotations[name]!;
    const found = parse(config(text)).language.rope as Json;
    for (const [key, value] of Object.entries(rope)) expect(found[ropeKeys[key]!]).toBe(value);
  });

  it("is refused where layers differ in it", async () => {
    const each = { rope_theta: 5000, rope_type: "default" };
    const text = { rope_parameters: { full_attention: each, sliding_attention: each } };
    expect((await refusal("UNSUPPORTED_MODEL", () => parse(config(text)))).message).toContain(
      "rope_parameters",
    );
  });
});

describe("sliding windows", () => {
  it.each([
    ["mistral's default window under a longer context", { model_type: "mistral" }, false],
    ["a window of null", { model_type: "mistral", sliding_window: null }, true],
    ["a window as long as the context", { model_type: "mistral", max_position_embeddings: 4096 }, true],
    [
      "qwen2 without its window",
      { model_type: "qwen2", use_sliding_window: false, sliding_window: 64 },
      true,
    ],
    ["qwen2 with it", { model_type: "qwen2", use_sliding_window: true, max_window_layers: 1 }, false],
    [
      "qwen2 with it on no layer",
      { model_type: "qwen2", use_sliding_window: true, max_window_layers: 2 },
      true,
    ],
    [
      "qwen2 by layer types",
      {
        model_type: "qwen2",
        use_sliding_window: true,
        layer_types: ["full_attention", "sliding_attention"],
        max_window_layers: 2,
      },
      false,
    ],
  ])("%s", async (_, text, accepted) => {
    if (accepted)
      expect(parse(config({ ...text, num_key_value_heads: 2 })).language.context).toBeGreaterThan(0);
    else {
      const error = await refusal("UNSUPPORTED_MODEL", () =>
        parse(config({ ...text, num_key_value_heads: 2 })),
      );
      expect(error.message).toMatch(/sliding.window/);
    }
  });
});

it("gives every head its own key/value head where mistral's number is null", () => {
  const spec = parse(config({ model_type: "mistral", sliding_window: null, num_key_value_heads: null }));
  expect(spec.language.keyValueHeads).toBe(8);
});

it.each([
  [-2, 11],
  [[-2], 11],
  [[3], 3],
  [[0], 0],
])("takes one feature layer as a number or a list of one: %j", (layer, index) => {
  expect(parse(config({}, { vision_feature_layer: layer })).featureLayer).toBe(index);
});

describe("what is not run is refused by name", () => {
  it.each<[string, Json, RegExp]>([
    [
      "another architecture",
      config({}, { architectures: ["LlavaNextForConditionalGeneration"] }),
      /LlavaNext/,
    ],
    ["another model type", config({}, { model_type: "llava_next_video" }), /llava_next_video/],
    ["a language model", config({ model_type: "phi3" }), /phi3/],
    ["a tower", config({}, {}, { model_type: "pixtral" }), /pixtral/],
    ["an activation", config({ hidden_act: "gelu" }), /hidden_act.*gelu/],
    ["a tower's activation", config({}, {}, { hidden_act: "relu" }), /relu/],
    ["a projector", config({}, { projector_hidden_act: "silu" }), /projector_hidden_act/],
    ["no feature layer", config({}, { vision_feature_layer: [] }), /vision_feature_layer/],
    ["a feature layer that is text", config({}, { vision_feature_layer: ["-2"] }), /vision_feature_layer/],
    ["several feature layers", config({}, { vision_feature_layer: [-2, -5] }), /vision_feature_layer/],
    [
      "quantised weights",
      config({}, { quantization_config: { quant_method: "awq" } }),
      /quantization_config/,
    ],
    ["a quantised tower", config({}, {}, { quantization_config: { bits: 4 } }), /quantization_config/],
    ["two image tokens", config({}, { image_token_id: 8 }), /image_token_id.*the same as image_token_index/],
    ["longrope", config({ rope_scaling: { rope_type: "longrope", factor: 2 } }), /longrope/],
    ["partial rotation", config({ partial_rotary_factor: 0.5 }), /partial_rotary_factor/],
    ["a strategy", config({}, { vision_feature_select_strategy: "pool" }), /pool/],
    [
      "a dropped patch",
      config({}, { vision_feature_select_strategy: "default" }, { model_type: "siglip_vision_model" }),
      /class token/,
    ],
    ["grey pictures", config({}, {}, { num_channels: 1 }), /num_channels/],
    ["the original layout", config({}, { mm_vision_tower: "openai/clip" }), /original/],
  ])("%s", async (_, bad, message) => {
    expect((await refusal("UNSUPPORTED_MODEL", () => parse(bad))).message).toMatch(message);
  });
});

describe("what makes no sense is refused with its place", () => {
  it.each<[string, unknown, RegExp]>([
    ["no object", [], /JSON object/],
    ["a size of 0", config({ hidden_size: 0 }), /text_config.*hidden_size/],
    ["a size that is text", config({ num_hidden_layers: "32" }), /num_hidden_layers/],
    ["heads that do not divide", config({ num_attention_heads: 7 }), /num_attention_heads/],
    ["key/value heads that do not divide", config({ num_key_value_heads: 3 }), /num_key_value_heads/],
    ["an image token beyond the vocabulary", config({}, { image_token_index: 100 }), /image_token_index/],
    ["a feature layer beyond the tower", config({}, { vision_feature_layer: -14 }), /vision_feature_layer/],
    ["patches larger than the picture", config({}, {}, { patch_size: 500 }), /patch_size/],
    ["an infinite theta", config({ rope_theta: Number.POSITIVE_INFINITY }), /rope_theta/],
    ["linear scaling without a factor", config({ rope_scaling: { type: "linear" } }), /factor/],
  ])("%s", async (_, bad, message) => {
    const error = await refusal("INVALID_FILE", () => parse(bad));
    expect(error.message).toMatch(/^config\.json/);
    expect(error.message).toMatch(message);
  });
});
