import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refusal } from "../../../test/support/refusal.js";
import { parsePreprocessing } from "../../image/parse-preprocessing.js";
import { ConfigReader } from "../../models/config-reader.js";
import { squareModel } from "../../models/spec.js";
import { unreadFields } from "../../models/unread-fields.js";
import { convertFamily, parseModelConfig } from "../convert-registry.js";

type Json = Record<string, unknown>;
interface Recorded {
  readonly config: Json;
  readonly parsed: { readonly text: Json; readonly vision: Json } & Json;
}

/** Configurations with what transformers makes of them. */
const recorded: Record<string, Recorded> = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/llava-next/configs.json", import.meta.url), "utf8"),
);
const parse = (config: unknown) => parseModelConfig(config, "config.json");
const small = { hidden_size: 64, num_attention_heads: 8, num_hidden_layers: 2, vocab_size: 100 };
const config = (more: Json = {}, vision: Json = {}): Json => ({
  architectures: ["LlavaNextForConditionalGeneration"],
  model_type: "llava_next",
  image_token_index: 7,
  text_config: small,
  vision_config: { model_type: "clip_vision_model", ...vision },
  ...more,
});

describe("a configuration of LLaVA-NeXT means what transformers makes of it", () => {
  it.each(Object.keys(recorded))("%s", (name) => {
    const { config: given, parsed } = recorded[name]!;
    const spec = parse(given);
    const { vision, language } = spec;
    expect(spec).toMatchObject({ family: "llava-next", unpad: "hugging-face" });
    expect(parsed.text).toMatchObject({
      model_type: language.kind,
      hidden_size: language.hiddenSize,
      num_hidden_layers: language.layers,
      num_attention_heads: language.heads,
      num_key_value_heads: language.keyValueHeads,
      intermediate_size: language.intermediateSize,
      vocab_size: language.vocabularySize,
      rms_norm_eps: language.rmsNormEpsilon,
    });
    expect(parsed.vision).toMatchObject({
      model_type: `${vision.kind}_vision_model`,
      hidden_size: vision.hiddenSize,
      num_hidden_layers: vision.layers,
      num_attention_heads: vision.heads,
      intermediate_size: vision.intermediateSize,
      image_size: squareModel(spec).vision.imageSize,
      patch_size: vision.patchSize,
      hidden_act: vision.activation,
      layer_norm_eps: vision.layerNormEpsilon,
    });
    expect(language.tiedEmbeddings).toBe(parsed.tied);
    expect(spec.imageTokenId).toBe(parsed.image_token_index);
    expect(spec.featureLayer).toBe(vision.layers + 1 + Number([parsed.vision_feature_layer].flat()[0]));
    expect(spec.selectStrategy).toBe(parsed.vision_feature_select_strategy);
    expect(spec.projector).toEqual({
      hiddenSize: language.hiddenSize,
      activation: parsed.projector_hidden_act,
      bias: parsed.multimodal_projector_bias,
    });
  });

  it.each(["vicuna-7b", "mistral-7b"])("leaves nothing of %s unread", (name) => {
    const reader = new ConfigReader(recorded[name]!.config, "config.json");
    convertFamily({ family: "llava-next" }).huggingFace.parse(reader);
    expect(unreadFields(reader)).toEqual([]);
  });
});

describe("what is not run of LLaVA-NeXT is refused by name", () => {
  it.each<[string, Json, RegExp]>([
    [
      "another architecture",
      config({ architectures: ["LlavaOnevisionForConditionalGeneration"] }),
      /LlavaOnevision/,
    ],
    [
      "an architecture of another model type",
      config({ architectures: ["LlavaForConditionalGeneration"] }),
      /expected LlavaNextForConditionalGeneration, for model_type llava_next/,
    ],
    ["another model type", config({ model_type: "llava_next_video" }), /llava_next_video/],
    [
      "the class token among tiles",
      config({ vision_feature_select_strategy: "full" }),
      /vision_feature_select_strategy.*default/,
    ],
    ["several feature layers", config({ vision_feature_layer: [-2, -5] }), /vision_feature_layer/],
    ["another projector", config({ projector_hidden_act: "relu" }), /projector_hidden_act/],
    ["quantised weights", config({ quantization_config: { bits: 4 } }), /quantization_config/],
  ])("%s", async (_, bad, message) => {
    expect((await refusal("UNSUPPORTED_MODEL", () => parse(bad))).message).toMatch(message);
  });
});

describe("tiles", () => {
  const grids = [
    [448, 224],
    [224, 448],
  ];
  const check = (model: unknown, processor: Json) => {
    const reader = new ConfigReader(config({ image_grid_pinpoints: model }), "config.json");
    const family = convertFamily({ family: "llava-next" });
    family.checkPictures(parsePreprocessing(processor), "preprocessor_config.json", reader);
  };
  const tiled = (more: Json = {}): Json => ({
    image_processor_type: "LlavaNextImageProcessor",
    size: { shortest_edge: 224 },
    crop_size: { height: 224, width: 224 },
    image_grid_pinpoints: grids,
    ...more,
  });

  it("are those that configuration and image processor agree on", () => {
    expect(() => check(grids, tiled())).not.toThrow();
  });

  it("are transformers' own where neither names any", () => {
    const released = { size: { shortest_edge: 336 }, crop_size: { height: 336, width: 336 } };
    for (const image_grid_pinpoints of [undefined, recorded["vicuna-7b"]!.parsed.image_grid_pinpoints])
      expect(() => check(undefined, tiled({ ...released, image_grid_pinpoints }))).not.toThrow();
  });

  it.each<[string, unknown]>([
    ["another order, which decides between equals", [...grids].reverse()],
    ["another grid", [[448, 224]]],
    ["transformers' own", undefined],
  ])("are refused where the model has %s", async (_, model) => {
    const error = await refusal("INVALID_FILE", () => check(model, tiled()));
    expect(error.message).toMatch(
      /config\.json: image_grid_pinpoints .* differ.*\[\[448,224\],\[224,448\]\]/,
    );
  });

  it("are asked for: an image processor of one square is refused", async () => {
    const square = { image_processor_type: "CLIPImageProcessor", size: { shortest_edge: 224 } };
    expect((await refusal("UNSUPPORTED_MODEL", () => check(grids, square))).message).toMatch(/anyres.*crop/);
    const llava = convertFamily({ family: "llava" });
    const open = () => llava.checkPictures(parsePreprocessing(tiled()), "preprocessor_config.json");
    expect((await refusal("UNSUPPORTED_MODEL", open)).message).toMatch(/one square.*tiles/);
  });
});
