import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { integerRows, quantizeRows } from "../../src/convert/quantize.js";
import type { WeightRecipe } from "../../src/graphs/weights.js";
import { type ModelProto, ModelProtoSchema } from "../../src/onnx/schema/onnx_pb.js";
import type { WeightFile } from "../../src/onnx/weight-file.js";
import { encodeFloat16 } from "../../src/tensor/half.js";
import { type FixtureTensor, floats } from "./safetensors.js";

/**
 * Writes graphs and the external data file they share from tensors held in memory: the converter's job, done in the
 * plainest way for tiny models.
 */
export function materialize(
  folder: string,
  graphs: Readonly<Record<string, ModelProto>>,
  file: WeightFile<WeightRecipe>,
  checkpoint: ReadonlyMap<string, FixtureTensor>,
): void {
  const bytes = new Uint8Array(file.byteLength);
  for (const { key, offset, byteLength, recipe } of file.placements) {
    const data = carryOut(recipe, floats(checkpoint, recipe.source));
    if (data.byteLength !== byteLength) throw new Error(`${key}: ${data.byteLength} bytes for ${byteLength}`);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
  }
  writeFileSync(join(folder, file.location), bytes);
  for (const [name, model] of Object.entries(graphs)) {
    writeFileSync(join(folder, name), toBinary(ModelProtoSchema, model));
  }
}

function carryOut(
  recipe: WeightRecipe,
  source: Float32Array,
): Float32Array | Uint16Array | Uint8Array | Int8Array {
  switch (recipe.op) {
    case "copy":
      return store(source, recipe.type);
    case "transpose":
      return store(turned(source, recipe), recipe.type);
    case "quantize":
      return quantizeRows(source, recipe.columns, recipe.bits)[recipe.part];
    case "integers": {
      const { whole, scales } = integerRows(source, recipe.columns);
      return recipe.part === "scales" ? scales : Int8Array.from(turned(whole, recipe));
    }
  }
}

function turned(source: Float32Array, { rows, columns }: { rows: number; columns: number }): Float32Array {
  const result = new Float32Array(source.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = source[r * columns + c]!;
  }
  return result;
}

function store(data: Float32Array, type: "float32" | "float16"): Float32Array | Uint16Array {
  return type === "float32" ? data : encodeFloat16(data);
}
