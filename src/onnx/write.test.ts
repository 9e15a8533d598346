import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { Tensor } from "onnxruntime-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openModel, run } from "../../test/support/ort.js";
import { refusal } from "../../test/support/refusal.js";
import { GraphBuilder } from "./builder.js";
import { findInitializer } from "./describe.js";
import { openModelData } from "./model-data.js";
import { add, matMul } from "./ops/index.js";
import { parseModel, readModel } from "./read.js";
import {
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "./schema/onnx_pb.js";
import { WeightFile } from "./weight-file.js";
import { saveModel, writeModel } from "./write.js";

const bytesOf = (...numbers: number[]) => new Uint8Array(new Float32Array(numbers).buffer);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prumerge-write-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** y = x w + b, with w and b in external data `gap` bytes apart. */
function affine(gap = 0): ModelProto {
  const file = new WeightFile("shared.onnx_data");
  const graph = new GraphBuilder("affine");
  const x = graph.input("x", "float32", ["rows", 2]);
  const w = graph.weight(file, "w", "float32", [2, 2], undefined);
  if (gap > 0) file.place("gap", gap, undefined);
  graph.output("y", add(matMul(x, w), graph.weight(file, "b", "float32", [2], undefined)));
  return graph.build();
}
const affineTensors = new Map([
  ["w", bytesOf(1, 2, 3, 4)],
  ["b", bytesOf(10, 20)],
]);

async function apply(path: string): Promise<number[]> {
  const session = await openModel(path);
  const result = await run(session, { x: new Tensor("float32", [1, 1], [1, 2]) });
  await session.release();
  return [...result.y!.data];
}

test("a model with external data loads in ONNX Runtime and reads back", async () => {
  await writeModel(folder, "affine.onnx", affine(), affineTensors);
  expect(readdirSync(folder).sort()).toEqual(["affine.onnx", "shared.onnx_data"]);
  expect(await apply(join(folder, "affine.onnx"))).toEqual([14, 26]);
  const path = join(folder, "affine.onnx");
  const data = openModelData(path);
  expect(await data.read(findInitializer(await readModel(path), "b"))).toEqual(affineTensors.get("b"));
  await data.close();
});

test("initializers inside a model are moved out; the model handed in stays", async () => {
  const path = new URL("../../test/fixtures/onnx/typed-fields.onnx", import.meta.url);
  const model = parseModel(new Uint8Array(readFileSync(path)), "typed");
  const before = toBinary(ModelProtoSchema, model);
  await writeModel(folder, "moved.onnx", model, new Map([["raw", bytesOf(6, 5, 4, 3, 2, 1)]]));
  expect(toBinary(ModelProtoSchema, model)).toEqual(before);
  const session = await openModel(join(folder, "moved.onnx"));
  const result = await run(session, { x: new Tensor("float32", [0, 0, 0], [1, 3]) });
  expect([...result.y!.data]).toEqual([6, 5, 4, 3, 2, 1]);
  const moved = findInitializer(await readModel(join(folder, "moved.onnx")), "raw");
  expect(moved.dataLocation).toBe(TensorProto_DataLocation.EXTERNAL);
  expect(moved.rawData.byteLength).toBe(0);
});

test("initializers are moved out behind what the model has in that file already", async () => {
  const file = new WeightFile("a.onnx_data");
  const graph = new GraphBuilder("a");
  const w = graph.weight(file, "w", "float32", [2], undefined);
  graph.output("y", add(w, graph.constant("float32", [2], [3, 4])));
  const model = graph.build();
  const constant = model.graph!.initializer.find((tensor) => tensor.name !== "w")!.name;
  const tensors = new Map([
    [constant, bytesOf(5, 6)],
    ["w", bytesOf(1, 2)],
  ]);
  await writeModel(folder, "a.onnx", model, tensors);
  const path = join(folder, "a.onnx");
  const data = openModelData(path);
  const written = await readModel(path);
  for (const [name, bytes] of tensors)
    expect(await data.read(findInitializer(written, name)), name).toEqual(bytes);
  await data.close();
});

test("external data beyond 2 and 4 GiB is written, read by range and loaded", async () => {
  // A hole: the file takes some kilobytes on disk.
  const gap = 4.5 * 2 ** 30;
  await writeModel(folder, "large.onnx", affine(gap), affineTensors);
  expect(statSync(join(folder, "shared.onnx_data")).size).toBeGreaterThan(gap);
  const path = join(folder, "large.onnx");
  const data = openModelData(path);
  const bias = findInitializer(await readModel(path), "b");
  expect(Number(bias.externalData.find((entry) => entry.key === "offset")!.value)).toBeGreaterThan(2 ** 32);
  expect(await data.read(bias)).toEqual(bytesOf(10, 20));
  await data.close();
  expect(await apply(path)).toEqual([14, 26]);
});

describe("refuses", () => {
  test("bytes that do not fill the shape, and leaves nothing behind", async () => {
    const tensors = new Map([...affineTensors, ["b", bytesOf(1, 2, 3)]]);
    const error = await refusal("INVALID_TENSOR", () => writeModel(folder, "a.onnx", affine(), tensors));
    expect(error.message).toMatch(/tensor "b": .*expected 8 bytes for \[2\], found 12/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("names that the model has not", () =>
    refusal("NOT_FOUND", () => writeModel(folder, "a.onnx", affine(), new Map([["c", bytesOf(1)]]))));

  test("half of what lies in one file", async () => {
    const error = await refusal("NOT_FOUND", () =>
      writeModel(folder, "a.onnx", affine(), new Map([["w", bytesOf(1, 2, 3, 4)]])),
    );
    expect(error.message).toContain('the bytes of "b", which lies in the same file');
  });

  test("a name outside of the folder", () =>
    refusal("UNSAFE_PATH", () => writeModel(folder, "../a.onnx", affine(), affineTensors)));

  test("a model of more than 2 GiB, which protobuf could not hold", async () => {
    const model = affine();
    const [tensor] = model.graph!.initializer;
    // Says it is that large; never touched, so it takes no memory.
    tensor!.rawData = new Uint8Array(new ArrayBuffer(2 ** 31));
    await refusal("LIMIT_EXCEEDED", () => saveModel(join(folder, "a.onnx"), model));
  });
});

test("external data below a folder of its own is written where it is read", async () => {
  const model = affine();
  for (const { externalData } of model.graph!.initializer)
    externalData.find((entry) => entry.key === "location")!.value = "weights/w.bin";
  await writeModel(join(folder, "new"), "a.onnx", model, affineTensors);
  const data = openModelData(join(folder, "new", "a.onnx"));
  for (const [name, bytes] of affineTensors)
    expect(await data.read(findInitializer(model, name))).toEqual(bytes);
  await data.close();
});

describe("a failed write leaves the files of before and no other", () => {
  const content = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => (statSync(path).isFile() ? `${path}: ${readFileSync(path).toString("hex")}` : path));
  const other = new Map([
    ["w", bytesOf(0, 0, 0, 0)],
    ["b", bytesOf(0, 0)],
  ]);
  beforeEach(async () => {
    await writeModel(folder, "kept.onnx", affine(), affineTensors);
    mkdirSync(join(folder, "taken.onnx"));
    writeFileSync(join(folder, "taken.onnx", "inside"), "");
  });

  test("where a folder stands in the model's place", async () => {
    const before = content();
    const error = await refusal("INVALID_OPTION", () => saveModel(join(folder, "taken.onnx"), affine()));
    expect(error.message).toMatch(/taken\.onnx: the file to be written is a folder/);
    await refusal("INVALID_OPTION", () => writeModel(folder, "taken.onnx", affine(), other));
    expect(content()).toEqual(before);
  });

  test("where the model itself is too large", async () => {
    const before = content();
    const model = affine();
    model.graph!.initializer.push(
      create(TensorProtoSchema, { name: "large", rawData: new Uint8Array(new ArrayBuffer(2 ** 31)) }),
    );
    await refusal("LIMIT_EXCEEDED", () => writeModel(folder, "kept.onnx", model, other));
    expect(content()).toEqual(before);
  });

  test("where nothing can be written, which is said", async () => {
    const before = content();
    for (const below of ["kept.onnx/a.onnx", "kept.onnx/new/a.onnx"]) {
      const error = await refusal("NOT_FOUND", () => saveModel(join(folder, below), affine()));
      expect(error.message).toMatch(/a\.onnx: the file cannot be written; found E[A-Z]+: [^']*$/);
    }
    expect(content()).toEqual(before);
  });
});
