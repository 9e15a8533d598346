import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
} from "../../src/onnx/schema/onnx_pb.js";

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** The tiny models that are there as other programs' graphs, by the folder of their goldens. */
export const exportedModels = {
  idefics3: "smolvlm/tiny-idefics3",
  smolvlm: "smolvlm/tiny-smolvlm",
  "qwen2-vl": "qwen2_vl/tiny-qwen2vl",
  "llava-onevision": "llava_onevision/tiny-ov-qwen2",
} as const;

export type ExportedModel = keyof typeof exportedModels;

/** Makes a folder as other programs leave it: their graphs, and the checkpoint's small files. */
export function exportedFolder(name: ExportedModel, to: string): string {
  const source = join(fixtures, "goldens", exportedModels[name]);
  mkdirSync(join(to, "onnx"), { recursive: true });
  for (const file of readdirSync(source))
    if (!file.endsWith(".safetensors")) cpSync(join(source, file), join(to, file));
  cpSync(join(fixtures, "exports", name), join(to, "onnx"), { recursive: true });
  return to;
}

/** Changes one of a folder's graphs. */
export function changeGraph(folder: string, graph: string, change: (model: ModelProto) => void): void {
  const path = join(folder, "onnx", `${graph}.onnx`);
  const model = fromBinary(ModelProtoSchema, readFileSync(path));
  change(model);
  writeFileSync(path, toBinary(ModelProtoSchema, model));
}

/** Another name for an input, an output, or what is between nodes. */
export function rename(model: ModelProto, from: string, to: string): void {
  const { input, output, node } = model.graph!;
  for (const port of [...input, ...output]) if (port.name === from) port.name = to;
  for (const { input: ins, output: outs } of node) {
    for (const names of [ins, outs])
      for (const [at, name] of names.entries()) if (name === from) names[at] = to;
  }
}

const [float32, float16] = [1, 10];

/** Inputs and outputs of float16 in place of float32, as graphs of that type have them. */
export function inHalves(model: ModelProto): void {
  const graph = model.graph!;
  const cast = (from: string, to: string, type: number) =>
    create(NodeProtoSchema, {
      name: `cast ${to}`,
      opType: "Cast",
      input: [from],
      output: [to],
      attribute: [
        create(AttributeProtoSchema, { name: "to", i: BigInt(type), type: AttributeProto_AttributeType.INT }),
      ],
    });
  const ports = (list: typeof graph.input) =>
    list.filter(({ type }) => type?.value.case === "tensorType" && type.value.value.elemType === float32);
  const [inputs, outputs] = [ports(graph.input), ports(graph.output)];
  for (const { name } of [...inputs, ...outputs]) {
    for (const { input: ins, output: outs } of graph.node)
      for (const names of [ins, outs])
        for (const [at, used] of names.entries()) if (used === name) names[at] = `${name} inside`;
  }
  graph.node.unshift(...inputs.map(({ name }) => cast(name, `${name} inside`, float32)));
  graph.node.push(...outputs.map(({ name }) => cast(`${name} inside`, name, float16)));
  for (const { type } of [...inputs, ...outputs])
    if (type?.value.case === "tensorType") type.value.value.elemType = float16;
}
