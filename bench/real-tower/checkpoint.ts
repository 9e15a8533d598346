import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  embeddedBytes,
  findInitializer,
  type ModelProto,
  type NodeProto,
  readModel,
  type TensorProto,
} from "../../src/onnx/index.js";
import { seededRandom } from "../../src/tensor/random.js";
import { readTensors, type Tensors, writeTensors } from "./safetensors.js";

const width = 768;

/**
 * A LLaVA checkpoint with OpenAI's CLIP ViT-B/16 for its tower: the wheel's int8 matrices made float32 again (int8 products of some
 * processors saturate, so that what the int8 graph gives hangs on the machine), a projector of random numbers (seed 1), which
 * nearly keeps distances and angles, and the bundled model's language half, so that the folder is whole. Its answers mean nothing.
 *
 * @param graph the wheel's ONNX file
 * @param host checkpoint that language model and small files are taken from
 */
export async function writeCheckpoint(graph: string, host: string, out: string): Promise<void> {
  const tower = towerTensors(await readModel(graph));
  const kept = readTensors(join(host, "model.safetensors"));
  const tensors: Tensors = new Map();
  for (const [name, tensor] of kept) {
    if (name.startsWith("language_model.")) tensors.set(name, tensor);
  }
  const config = JSON.parse(readFileSync(join(host, "config.json"), "utf8"));
  for (const [name, tensor] of tower) tensors.set(`vision_tower.${name}`, tensor);
  for (const [name, tensor] of projector(config.text_config.hidden_size)) {
    tensors.set(`multi_modal_projector.${name}`, tensor);
  }
  mkdirSync(out, { recursive: true });
  for (const file of [
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
    "chat_template.jinja",
  ]) {
    cpSync(join(host, file), join(out, file));
  }
  const vision = {
    hidden_size: width,
    intermediate_size: 3072,
    num_attention_heads: 12,
    num_hidden_layers: 12,
  };
  Object.assign(config.vision_config, vision, { image_size: 224, patch_size: 16, projection_dim: 512 });
  writeFileSync(join(out, "config.json"), JSON.stringify({ ...config, image_seq_length: 196 }, null, 2));
  const preprocessing = JSON.parse(readFileSync(join(host, "preprocessor_config.json"), "utf8"));
  const square = { crop_size: { height: 224, width: 224 }, size: { shortest_edge: 224 } };
  writeFileSync(
    join(out, "preprocessor_config.json"),
    JSON.stringify({ ...preprocessing, ...square }, null, 2),
  );
  writeTensors(join(out, "model.safetensors"), tensors);
}

/** The tower's tensors by Hugging Face's names, without the model's prefix. */
function towerTensors(model: ModelProto): Tensors {
  const tensors: Tensors = new Map();
  const add = (name: string, shape: readonly number[], data: Float32Array) =>
    tensors.set(name.replace(/^vision_model\./, ""), { shape, data });
  const { initializer, node } = model.graph!;
  for (const tensor of initializer) {
    if (!tensor.name.startsWith("vision_model.")) continue;
    add(tensor.name, tensor.dims.map(Number), floats(tensor));
  }
  for (const one of node) {
    const name = one.input.find((input) => initializer.some((tensor) => tensor.name === input));
    if (one.opType !== "MatMulInteger" || !name?.endsWith("_quantized")) continue;
    const bias = biasBehind(one, node);
    if (bias === undefined) continue; // the projection to the space of texts, which LLaVA has not
    const matrix = findInitializer(model, name);
    const [inputs, outputs] = matrix.dims.map(Number) as [number, number];
    const scales = floats(findInitializer(model, name.replace(/_quantized$/, "_scale")));
    const zero = bytesOf(findInitializer(model, name.replace(/_quantized$/, "_zero_point")));
    if (zero.some((point) => point !== 0)) throw new Error(`${name}: expected symmetric numbers`);
    const stored = bytesOf(matrix);
    const data = new Float32Array(inputs * outputs);
    for (let row = 0; row < inputs; row++) {
      for (let column = 0; column < outputs; column++) {
        data[column * inputs + row] = stored[row * outputs + column]! * scales[column]!;
      }
    }
    add(bias.replace(/bias$/, "weight"), [outputs, inputs], data);
  }
  return tensors;
}

/** The bias that is added to a product: what names it. */
function biasBehind(product: NodeProto, nodes: readonly NodeProto[]): string | undefined {
  for (let name = product.output[0], steps = 0; steps < 4; steps++) {
    const next = nodes.find(({ input }) => input.includes(name!));
    if (next === undefined) return undefined;
    const bias = next.input.find((input) => input.endsWith(".bias"));
    if (next.opType === "Add" && bias !== undefined) return bias;
    name = next.output[0];
  }
  return undefined;
}

function floats(tensor: TensorProto): Float32Array {
  const bytes = embeddedBytes(tensor, tensor.name).slice();
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function bytesOf(tensor: TensorProto): Int8Array {
  const bytes = embeddedBytes(tensor, tensor.name);
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function projector(language: number): Tensors {
  const random = seededRandom(1);
  const matrix = (outputs: number, inputs: number) => ({
    shape: [outputs, inputs],
    data: Float32Array.from({ length: outputs * inputs }, () => (random() - 0.5) * Math.sqrt(12 / inputs)),
  });
  const zeros = { shape: [language], data: new Float32Array(language) };
  return new Map([
    ["linear_1.weight", matrix(language, width)],
    ["linear_1.bias", zeros],
    ["linear_2.weight", matrix(language, language)],
    ["linear_2.bias", zeros],
  ]);
}
