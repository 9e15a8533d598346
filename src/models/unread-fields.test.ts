import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { huggingFaceFamily } from "../families/convert-registry.js";
import { ConfigReader } from "./config-reader.js";
import { unreadFields } from "./unread-fields.js";

type Json = Record<string, unknown>;
const llava = (text: Json = {}, top: Json = {}, vision: Json = {}): Json => ({
  model_type: "llava",
  image_token_index: 7,
  text_config: { model_type: "llama", hidden_size: 64, num_attention_heads: 8, vocab_size: 100, ...text },
  vision_config: { model_type: "clip_vision_model", ...vision },
  ...top,
});

function unread(config: Json) {
  const reader = new ConfigReader(config, "config.json");
  huggingFaceFamily(reader).huggingFace.parse(reader);
  return unreadFields(reader).map(({ where, keys }) => `${where}: ${keys.join(" ")}`);
}

describe("fields that were not read and may mean something", () => {
  it.each<[string, Json, string]>([
    [
      "a softcap",
      llava({ final_logit_softcapping: 30 }),
      "config.json, text_config: final_logit_softcapping",
    ],
    ["a scale of logits", llava({ logit_scale: 0.0625 }), "config.json, text_config: logit_scale"],
    [
      "a window that llama does not have",
      llava({ sliding_window: 64 }),
      "config.json, text_config: sliding_window",
    ],
    [
      "layer types that llama does not have",
      llava({ layer_types: ["sliding_attention"] }),
      "config.json, text_config: layer_types",
    ],
    [
      "biases that mistral does not have",
      llava({ model_type: "mistral", sliding_window: null, num_key_value_heads: 8, attention_bias: true }),
      "config.json, text_config: attention_bias",
    ],
    ["code of its own", llava({}, { auto_map: { AutoModel: "x.Y" } }), "config.json: auto_map"],
    ["tiles", llava({}, { image_grid_pinpoints: [[336, 672]] }), "config.json: image_grid_pinpoints"],
    [
      "a field of the tower",
      llava({}, {}, { use_registers: 4 }),
      "config.json, vision_config: use_registers",
    ],
    ["a penalty", llava({ repetition_penalty: 1.2 }), "config.json, text_config: repetition_penalty"],
    [
      "a field of a rotation",
      llava({ rope_scaling: { type: "linear", factor: 2, mrope_section: [1, 2] } }),
      "config.json, text_config, rope_scaling: mrope_section",
    ],
    [
      "the rotation that does not count",
      llava({ rope_scaling: { type: "linear", factor: 2 }, rope_parameters: { rope_theta: 3 } }),
      "config.json, text_config: rope_parameters",
    ],
  ])("%s", (_, config, expected) => {
    expect(unread(config)).toEqual([expected]);
  });

  it("are none in what transformers writes", () => {
    const recorded: Record<string, { config: Json }> = JSON.parse(
      readFileSync(new URL("../../test/fixtures/checkpoints/configs.json", import.meta.url), "utf8"),
    );
    for (const [name, { config }] of Object.entries(recorded)) expect(unread(config), name).toEqual([]);
  });

  it("are not those that say nothing", () => {
    expect(
      unread(llava({ logit_scale: null, use_qk_norm: false, pruned_heads: {}, temperature: 1 })),
    ).toEqual([]);
    expect(unread(llava({ layer_types: ["full_attention", "full_attention"] }))).toEqual([]);
  });
});
