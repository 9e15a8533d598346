import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { layOutModel } from "../../../src/convert/layout.js";
import { patchCount } from "../../../src/models/spec.js";
import { saveModel } from "../../../src/onnx/write.js";
import type { llava15Spec } from "../../../test/support/llava-15.js";
import { writeGeneratedWeights } from "../generated-weights.js";
import type { PlacedWeights } from "./gguf-model.js";

type Spec = ReturnType<typeof llava15Spec>;

/**
 * A converted folder of generated weights with both forms of the language model over the same file, and what
 * transformers.js reads beside the graphs.
 *
 * @returns where the weights lie, but for those that prompts in int8 are multiplied by
 */
export async function writeRivalFolder(folder: string, spec: Spec): Promise<readonly PlacedWeights[]> {
  const onnx = join(folder, "onnx");
  await mkdir(onnx, { recursive: true });
  const dtypes = {
    vision: "fp32",
    projector: "fp32",
    embedTokens: "fp32",
    decoder: "q4",
    prefill: "int8",
  } as const;
  const { names, graphs, weightFiles } = layOutModel(spec, { dtypes, bakedTokens: patchCount(spec.vision) });
  for (const [name, graph] of graphs) await saveModel(join(onnx, name), graph);
  const placed = weightFiles.map((file) => ({ file, path: join(onnx, file.location) }));
  for (const { path, file } of placed) await writeGeneratedWeights(path, file);
  await writeFile(join(folder, "config.json"), JSON.stringify(config(spec)));
  await writeFile(join(folder, "generation_config.json"), "{}");
  return placed.filter(({ file }) => file.location !== `${names.prefill}_data`);
}

function config({ language, vision, ...spec }: Spec): unknown {
  return {
    architectures: ["LlavaForConditionalGeneration"],
    model_type: "llava",
    image_token_index: spec.imageTokenId,
    text_config: {
      model_type: language.kind,
      hidden_size: language.hiddenSize,
      num_hidden_layers: language.layers,
      num_attention_heads: language.heads,
      num_key_value_heads: language.keyValueHeads,
      head_dim: language.headDim,
      intermediate_size: language.intermediateSize,
      vocab_size: language.vocabularySize,
    },
    vision_config: { model_type: "clip_vision_model", hidden_size: vision.hiddenSize },
  };
}
