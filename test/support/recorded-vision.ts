import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GraphWeights, type Precision, type WeightRecipe } from "../../src/graphs/weights.js";
import type { SquareModelSpec, VisionTowerSpec } from "../../src/models/spec.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { materialize } from "./materialize.js";
import { type FixtureTensor, readFixture } from "./safetensors.js";

/** A tiny recorded model as the vision graphs see it. */
export interface TinyVision {
  readonly spec: SquareModelSpec;
  /** Tensors under canonical names. */
  readonly checkpoint: ReadonlyMap<string, FixtureTensor>;
}

interface VisionConfig {
  readonly model_type: string;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly image_size: number;
  readonly patch_size: number;
  readonly hidden_act: VisionTowerSpec["activation"];
  readonly layer_norm_eps: number;
}

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));

/** One of the recorded LLaVA models, e.g. `test/fixtures/goldens/llava/tiny-llava-llama`. */
export function tinyLlava(folder: string): TinyVision {
  const config = readJson(join(folder, "config.json"));
  const vision = visionSpec(config.vision_config);
  const featureLayer = config.vision_feature_layer;
  const checkpoint = new Map<string, FixtureTensor>();
  for (const [name, tensor] of readFixture(join(folder, "model.safetensors"))) {
    checkpoint.set(name.replace(/^vision_tower\.(?!vision_model\.)/, "vision_tower.vision_model."), tensor);
  }
  const projectorWidth = checkpoint.get("multi_modal_projector.linear_1.weight")!.shape[0]!;
  return {
    spec: makeSpec(vision, {
      featureLayer: featureLayer < 0 ? vision.layers + 1 + featureLayer : featureLayer,
      selectStrategy: config.vision_feature_select_strategy,
      projectorWidth,
      languageWidth: config.text_config.hidden_size,
    }),
    checkpoint,
  };
}

/**
 * A recorded tower without a language model, and for a projector one of zeros, since it has none.
 *
 * @param featureLayer counted from the last hidden state, -1
 */
export function tinyTower(folder: string, featureLayer = -2): TinyVision {
  const vision = visionSpec(readJson(join(folder, "config.json")));
  const checkpoint = new Map<string, FixtureTensor>();
  for (const [name, tensor] of readFixture(join(folder, "model.safetensors"))) {
    checkpoint.set(`vision_tower.${name}`, tensor);
  }
  const width = vision.hiddenSize;
  for (const layer of ["linear_1", "linear_2"]) {
    const zeros = (shape: number[]) => ({
      shape,
      data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
    });
    checkpoint.set(`multi_modal_projector.${layer}.weight`, zeros([width, width]));
    checkpoint.set(`multi_modal_projector.${layer}.bias`, zeros([width]));
  }
  const spec = makeSpec(vision, {
    featureLayer: vision.layers + 1 + featureLayer,
    selectStrategy: "default",
    projectorWidth: width,
    languageWidth: width,
  });
  return { spec, checkpoint };
}

/** Builds graphs over one weight file and writes them into a folder. */
export function writeGraphsTo(
  folder: string,
  { checkpoint }: Pick<TinyVision, "checkpoint">,
  build: Readonly<Record<string, (weights: GraphWeights) => ModelProto>>,
  precision: Precision = "float32",
): void {
  const file = new WeightFile<WeightRecipe>("weights.onnx_data");
  const weights = new GraphWeights(file, { precision });
  const graphs = Object.fromEntries(Object.entries(build).map(([name, make]) => [name, make(weights)]));
  materialize(folder, graphs, file, checkpoint);
}

function visionSpec(config: VisionConfig): VisionTowerSpec {
  const kind = config.model_type === "siglip_vision_model" ? "siglip" : "clip";
  return {
    kind,
    hiddenSize: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    intermediateSize: config.intermediate_size,
    imageSize: config.image_size,
    patchSize: config.patch_size,
    activation: config.hidden_act,
    layerNormEpsilon: config.layer_norm_eps,
    classToken: kind === "clip",
  };
}

interface Around {
  readonly featureLayer: number;
  readonly selectStrategy: SquareModelSpec["selectStrategy"];
  readonly projectorWidth: number;
  readonly languageWidth: number;
}

/** Only the language model's width matters to the vision graphs; the rest of it is made up. */
function makeSpec(vision: VisionTowerSpec, around: Around): SquareModelSpec {
  return {
    family: "llava",
    vision,
    projector: { hiddenSize: around.projectorWidth, activation: "gelu", bias: true },
    language: {
      kind: "llama",
      hiddenSize: around.languageWidth,
      layers: 1,
      heads: 1,
      keyValueHeads: 1,
      headDim: around.languageWidth,
      intermediateSize: 1,
      vocabularySize: 1,
      rmsNormEpsilon: 1e-5,
      queryKeyValueBias: false,
      outputBias: false,
      mlpBias: false,
      tiedEmbeddings: false,
      context: 1,
      rope: { kind: "default", theta: 10000 },
    },
    featureLayer: around.featureLayer,
    selectStrategy: around.selectStrategy,
    imageTokenId: 0,
  };
}
