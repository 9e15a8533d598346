import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refusal } from "../../../test/support/refusal.js";
import { parsePreprocessing } from "../../image/parse-preprocessing.js";
import { ConfigReader } from "../../models/config-reader.js";
import { squareModel } from "../../models/spec.js";
import { unreadFields } from "../../models/unread-fields.js";
import { huggingFaceFamily, parseModelConfig } from "../convert-registry.js";
import { checkSplitPictures } from "./hugging-face.js";

type Json = Record<string, unknown>;
interface Recorded {
  readonly config: Json;
  readonly parsed: { readonly text: Json; readonly vision: Json } & Json;
}

/** Configurations with what transformers makes of them. */
const recorded: Record<string, Recorded> = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/smolvlm/configs.json", import.meta.url), "utf8"),
);
const parse = (config: unknown) => parseModelConfig(config, "config.json");

describe("a configuration of Idefics3 or SmolVLM means what transformers makes of it", () => {
  it.each(Object.keys(recorded))("%s", (name) => {
    const { config, parsed } = recorded[name]!;
    const { vision, language, ...spec } = parse(config);
    expect(spec).toEqual({
      family: "smolvlm",
      featureLayer: vision.layers,
      selectStrategy: "full",
      imageTokenId: parsed.image_token_id,
      blockSide: parsed.scale_factor,
    });
    expect(parsed.text).toEqual({
      hidden_size: language.hiddenSize,
      intermediate_size: language.intermediateSize,
      num_hidden_layers: language.layers,
      num_attention_heads: language.heads,
      num_key_value_heads: language.keyValueHeads,
      rms_norm_eps: language.rmsNormEpsilon,
      vocab_size: language.vocabularySize,
      max_position_embeddings: language.context,
      rope_theta: language.rope.theta,
    });
    expect(language.tiedEmbeddings).toBe(parsed.tie_word_embeddings);
    expect(parsed.vision).toEqual({
      hidden_size: vision.hiddenSize,
      intermediate_size: vision.intermediateSize,
      num_hidden_layers: vision.layers,
      num_attention_heads: vision.heads,
      image_size: squareModel({ ...spec, vision, language }).vision.imageSize,
      patch_size: vision.patchSize,
      hidden_act: vision.activation,
      layer_norm_eps: vision.layerNormEpsilon,
    });
  });

  it("and of what is released no field is passed over that may mean something", () => {
    const reader = new ConfigReader(recorded["256M"]!.config, "config.json");
    huggingFaceFamily(reader).huggingFace.parse(reader);
    expect(unreadFields(reader)).toEqual([]);
  });
});

describe("what is well formed and not run is refused by name", () => {
  const { config } = recorded.tied!;
  const vision = config.vision_config as Json;
  it.each([
    ["INVALID_FILE", { ...config, scale_factor: 3 }, /scale_factor.*a divisor of the 8 patches.*found 3/],
    ["INVALID_FILE", { ...config, image_token_id: 100 }, /image_token_id.*100/],
    [
      "UNSUPPORTED_MODEL",
      { ...config, vision_config: { ...vision, model_type: "clip_vision_model" } },
      /clip_vision_model/,
    ],
    ["UNSUPPORTED_MODEL", { ...config, quantization_config: { bits: 4 } }, /quantization_config/],
    ["UNSUPPORTED_MODEL", { ...config, architectures: ["Idefics2ForConditionalGeneration"] }, /Idefics2/],
    [
      "UNSUPPORTED_MODEL",
      { ...config, architectures: ["Idefics3ForConditionalGeneration"] },
      /SmolVLMForConditionalGeneration, for model_type smolvlm/,
    ],
  ] as const)("%s: %o", async (code, given, message) => {
    expect((await refusal(code, () => parse(given))).message).toMatch(message);
  });

  it("an image processor that brings no longest edge to a size", async () => {
    const other = parsePreprocessing({ image_processor_type: "SiglipImageProcessor", size: 128 });
    const { message } = await refusal("UNSUPPORTED_MODEL", () => checkSplitPictures(other, "folder"));
    expect(message).toMatch(/^folder: .*Idefics3's or SmolVLM's/);
  });
});
