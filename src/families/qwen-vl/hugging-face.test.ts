import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigReader } from "../../models/config-reader.js";
import { huggingFaceFamily } from "../convert-registry.js";

type Json = Record<string, unknown>;

const folder = new URL("../../../test/fixtures/goldens/", import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(`${path}/config.json`, folder), "utf8"));
const parse = (config: Json) => {
  const reader = new ConfigReader(config, "config.json");
  return huggingFaceFamily(reader).huggingFace.parse(reader);
};
const nested = "qwen3_vl/tiny-qwen3vl";
const within = (part: "text_config" | "vision_config", more: Json) => {
  const config = read(nested);
  return { ...config, [part]: { ...config[part], ...more } };
};

describe("a Qwen-VL checkpoint's configuration", () => {
  it.each(["qwen2_vl/tiny-qwen2vl", "qwen2_5_vl/tiny-qwen25vl-tied", nested])("is taken: %s", (name) => {
    expect(parse(read(name)).language.layers).toBeGreaterThan(0);
  });

  it.each<[string, () => Json, RegExp]>([
    [
      "a mixture of experts, by its class",
      () => ({
        ...read(nested),
        architectures: ["Qwen3VLMoeForConditionalGeneration"],
        model_type: "qwen3_vl_moe",
      }),
      /Qwen3VLForConditionalGeneration.*found \["Qwen3VLMoeForConditionalGeneration"\]/,
    ],
    [
      "one by its language model's type",
      () => within("text_config", { model_type: "qwen3_vl_moe_text" }),
      /text_config: model_type .*expected qwen3_vl_text, found "qwen3_vl_moe_text"/,
    ],
    [
      "one by its experts",
      () => within("text_config", { num_experts: 8 }),
      /text_config: num_experts .*dense language model, and no mixture of experts, found 8/,
    ],
    [
      "another tower",
      () => within("vision_config", { model_type: "siglip_vision_model" }),
      /vision_config: model_type .*found "siglip_vision_model"/,
    ],
    [
      "AWQ's weights",
      () => ({ ...read(nested), quantization_config: { quant_method: "awq", bits: 4 } }),
      /quantization_config .*float32, float16 or bfloat16/,
    ],
    [
      "GPTQ's in the language model alone",
      () => within("text_config", { quantization_config: { quant_method: "gptq" } }),
      /text_config: quantization_config .*float32/,
    ],
    [
      "frames that go together in other numbers",
      () => within("vision_config", { temporal_patch_size: 4 }),
      /temporal_patch_size .*expected 2/,
    ],
  ])("refuses %s", (_, config, message) => {
    expect(() => parse(config())).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_MODEL", message: expect.stringMatching(message) }),
    );
  });
});
