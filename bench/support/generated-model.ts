import { mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertFamily } from "../../src/families/convert-registry.js";
import { buildDecoder } from "../../src/graphs/decoder.js";
import { buildEmbedTokens } from "../../src/graphs/embed-tokens.js";
import { buildVision } from "../../src/graphs/vision.js";
import { GraphWeights, type WeightOptions, type WeightRecipe } from "../../src/graphs/weights.js";
import { fileSuffixes, prefillStem } from "../../src/models/dtypes.js";
import type { SquareModelSpec } from "../../src/models/spec.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { saveModel } from "../../src/onnx/write.js";
import { bareProducts } from "./bare-products.js";
import { bareTower } from "./bare-tower.js";
import { writeGeneratedWeights } from "./generated-weights.js";

export interface GeneratedModel {
  readonly folder: string;
  /** Graph of the decoder's linear layers alone; none where prompts and tokens have weights of their own. */
  readonly bare?: string;
  /** Graph of the tower's. */
  readonly bareTower: string;
  remove(): Promise<void>;
}

/** Of a generated model's weights. */
export interface GeneratedForms {
  readonly decoder?: "q4" | "int8";
  readonly vision?: "float32" | "int8";
  readonly prefill?: "int8";
}

const suffixes = { float32: "", int8: fileSuffixes.int8, q4: fileSuffixes.q4 };

/**
 * Writes a model folder of a geometry with generated weights: float32 tower, 4-bit language model (accuracy level 4).
 *
 * @param scratch folder with room for it (5 GB at 7B, 7 GB with a tower for videos); a new one is made inside
 * @param needed bytes that have to be free there, default 8 GB
 * @param forms of the weights where they are others; `prefill` is there for prompts alone
 */
export async function writeGeneratedModel(
  spec: SquareModelSpec,
  scratch = tmpdir(),
  needed = 8e9,
  { decoder = "q4", vision = "float32", prefill }: GeneratedForms = {},
): Promise<GeneratedModel> {
  const { bavail, bsize } = await statfs(scratch);
  if (bavail * bsize < needed) throw new Error(`${scratch} has no ${needed / 1e9} GB to spare`);
  const folder = await mkdtemp(join(scratch, "prumerge-bench-7b-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const onnx = join(folder, "onnx");
    await mkdir(onnx);
    await write(onnx, "vision", { precision: vision }, (weights) => ({
      [`vision${suffixes[vision]}.onnx`]: buildVision(spec, weights),
      "bare_tower.onnx": bareTower(spec.vision, weights, spec.featureLayer),
      ...watchingGraphs(spec, weights),
    }));
    await write(onnx, "embed_tokens", { precision: "q4" }, (weights) => ({
      "embed_tokens_q4.onnx": buildEmbedTokens(spec, weights),
    }));
    await write(onnx, "decoder", { precision: decoder, accuracyLevel: 4 }, (weights) => ({
      [`decoder${suffixes[decoder]}.onnx`]: buildDecoder(spec, weights),
      ...(prefill === undefined && { "bare.onnx": bareProducts(spec.language, weights) }),
    }));
    if (prefill !== undefined)
      await write(onnx, "prefill", { precision: prefill }, (weights) => ({
        [`${prefillStem}${suffixes[prefill]}.onnx`]: buildDecoder(spec, weights),
      }));
    return {
      folder,
      ...(prefill === undefined && { bare: join(onnx, "bare.onnx") }),
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
