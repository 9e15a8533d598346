import { mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertFamily } from "../../src/families/convert-registry.js";
import { buildDecoder } from "../../src/graphs/decoder.js";
import { buildEmbedTokens } from "../../src/graphs/embed-tokens.js";
import { buildVision } from "../../src/graphs/vision.js";
import { GraphWeights, type WeightOptions, type WeightRecipe } from "../../src/graphs/weights.js";
import type { SquareModelSpec } from "../../src/models/spec.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { saveModel } from "../../src/onnx/write.js";
import { bareProducts } from "./bare-products.js";
import { bareTower } from "./bare-tower.js";
import { writeGeneratedWeights } from "./generated-weights.js";

export interface GeneratedModel {
  readonly folder: string;
  /** Graph of the decoder's linear layers alone. */
  readonly bare: string;
  /** Graph of the tower's. */
  readonly bareTower: string;
  remove(): Promise<void>;
}

/**
 * Writes a model folder of a geometry with generated weights: float32 tower, 4-bit language model (accuracy level 4).
 *
 * @param scratch folder with room for it (5 GB at 7B, 7 GB with a tower for videos); a new one is made inside
 * @param needed bytes that have to be free there, default 8 GB
 */
export async function writeGeneratedModel(
  spec: SquareModelSpec,
  scratch = tmpdir(),
  needed = 8e9,
): Promise<GeneratedModel> {
  const { bavail, bsize } = await statfs(scratch);
  if (bavail * bsize < needed) throw new Error(`${scratch} has no ${needed / 1e9} GB to spare`);
  const folder = await mkdtemp(join(scratch, "prumerge-bench-7b-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const onnx = join(folder, "onnx");
    await mkdir(onnx);
    await write(onnx, "vision", { precision: "float32" }, (weights) => ({
      "vision.onnx": buildVision(spec, weights),
      "bare_tower.onnx": bareTower(spec.vision, weights, spec.featureLayer),
      ...watchingGraphs(spec, weights),
    }));
    await write(onnx, "embed_tokens", { precision: "q4" }, (weights) => ({
      "embed_tokens_q4.onnx": buildEmbedTokens(spec, weights),
    }));
    await write(onnx, "decoder", { precision: "q4", accuracyLevel: 4 }, (weights) => ({
      "decoder_q4.onnx": buildDecoder(spec, weights),
      "bare.onnx": bareProducts(spec.language, weights),
    }));
    return {
      folder,
      bare: join(onnx, "bare.onnx"),
      bareTower: join(onnx, "bare_tower.onnx"),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What a model with a tower for videos has beside, in which reductions are planned. */
function watchingGraphs(spec: SquareModelSpec, weights: GraphWeights): Record<string, ModelProto> {
  const { watching, projector } = convertFamily(spec).graphs;
  if (watching === undefined || projector === undefined) return {};
  return { "vision_video.onnx": watching(spec, weights), "projector.onnx": projector(spec, weights) };
}

async function write(
  folder: string,
  stem: string,
  options: WeightOptions,
  build: (weights: GraphWeights) => Record<string, ModelProto>,
): Promise<void> {
  const file = new WeightFile<WeightRecipe>(`${stem}.onnx_data`);
  const graphs = build(new GraphWeights(file, options));
  await writeGeneratedWeights(join(folder, file.location), file);
  for (const [name, model] of Object.entries(graphs)) await saveModel(join(folder, name), model);
}
