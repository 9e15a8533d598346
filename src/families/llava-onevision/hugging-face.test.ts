import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { llavaOnevisionGrids } from "../../image/tiles/released-grids.js";
import { ConfigReader } from "../../models/config-reader.js";
import { squareModel } from "../../models/spec.js";
import { unreadFields } from "../../models/unread-fields.js";
import { checkpointTensors } from "../checkpoint-tensors.js";
import { parseModelConfig } from "../convert-registry.js";
import { huggingFaceLlavaOnevision } from "./hugging-face.js";

type Json = Record<string, unknown>;
interface Recorded {
  readonly config: Json;
  readonly parsed: {
    readonly text: Json;
    readonly vision: Json;
    readonly tensors: { readonly count: number; readonly parameters: number; readonly sha256: string };
  } & Json;
}

/** Configurations with what transformers makes of them. */
const recorded: Record<string, Recorded> = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/llava-onevision/configs.json", import.meta.url), "utf8"),
);

describe("a configuration of LLaVA-OneVision means what transformers makes of it", () => {
  it.each(Object.keys(recorded))("%s", (name) => {
    const { config, parsed } = recorded[name]!;
    const spec = squareModel(parseModelConfig(config, "config.json"));
    const { vision, language } = spec;
    expect(spec).toMatchObject({ family: "llava-onevision", unpad: "hugging-face", mostTiles: 9 });
    expect(parsed.text).toMatchObject({
      model_type: language.kind,
      hidden_size: language.hiddenSize,
      num_hidden_layers: language.layers,
      num_attention_heads: language.heads,
      num_key_value_heads: language.keyValueHeads,
      intermediate_size: language.intermediateSize,
      vocab_size: language.vocabularySize,
      rms_norm_eps: language.rmsNormEpsilon,
      max_position_embeddings: language.context,
    });
    expect(parsed.vision).toMatchObject({
      model_type: `${vision.kind}_vision_model`,
      hidden_size: vision.hiddenSize,
      num_hidden_layers: vision.layers,
      num_attention_heads: vision.heads,
      intermediate_size: vision.intermediateSize,
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
      hidden_act: vision.activation,
      layer_norm_eps: vision.layerNormEpsilon,
    });
    expect(language.tiedEmbeddings).toBe(parsed.tied);
    expect(spec.imageTokenId).toBe(parsed.image_token_index);
    expect(spec.featureLayer).toBe(vision.layers + 1 + (parsed.vision_feature_layer as number));
    expect(spec.selectStrategy).toBe(parsed.vision_feature_select_strategy);
    expect(parsed.vision_aspect_ratio).toBe("anyres_max_9");
    expect(parsed.image_grid_pinpoints).toEqual(llavaOnevisionGrids);
  });

  it.each(Object.keys(recorded))("%s: the tensors that a checkpoint has", (name) => {
    const { config, parsed } = recorded[name]!;
    const tensors = [...checkpointTensors(parseModelConfig(config, "config.json"))];
    const lines = tensors.map(([tensor, shape]) => `${tensor} [${shape.join(", ")}]`).sort();
    expect({
      count: tensors.length,
      parameters: tensors.reduce((sum, [, shape]) => sum + shape.reduce((all, size) => all * size, 1), 0),
      sha256: createHash("sha256").update(lines.join("\n")).digest("hex"),
    }).toEqual(parsed.tensors);
  });
});

it("leaves no field of a released configuration unread", () => {
  for (const name of ["0.5b", "7b"]) {
    const reader = new ConfigReader(recorded[name]!.config, "config.json");
    huggingFaceLlavaOnevision.parse(reader);
    // What it says of grids is held against the image processor's.
    expect(unreadFields(reader)).toEqual([]);
  }
});
