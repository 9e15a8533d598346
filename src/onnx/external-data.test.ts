import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { describeModel, findInitializer } from "./describe.js";
import { externalDataOf, resolveExternalFile } from "./external-data.js";
import { openModelData } from "./model-data.js";
import { parseModel, readModel } from "./read.js";
import { ModelProtoSchema, TensorProto_DataLocation, TensorProtoSchema } from "./schema/onnx_pb.js";

const fixtures = fileURLToPath(new URL("../../test/fixtures/onnx/", import.meta.url));

let folder: string;
let elsewhere: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prumerge-external-"));
  elsewhere = mkdtempSync(join(tmpdir(), "prumerge-elsewhere-"));
});
afterEach(() => {
  for (const path of [folder, elsewhere]) rmSync(path, { recursive: true, force: true });
});
const copyModel = () => {
  for (const name of ["external.onnx", "external.weights"])
    copyFileSync(join(fixtures, name), join(folder, name));
  return join(folder, "external.onnx");
};

test("external data as the official package writes it is read by ranges", async () => {
  const path = join(fixtures, "external.onnx");
  const model = await readModel(path);
  expect(describeModel(model).externalFiles).toEqual(["external.weights"]);
  const data = openModelData(path);
  const weights = await data.read(findInitializer(model, "weights"));
  expect(new Float32Array(weights.slice().buffer)).toEqual(
    Float32Array.from({ length: 2048 }, (_, i) => i / 64),
  );
  // 64 numbers are below the size from which the package moves them out.
  const bias = await data.read(findInitializer(model, "bias"), 4, 12);
  expect(new Float32Array(bias.slice().buffer)).toEqual(new Float32Array([-2, -1]));
  const part = await data.read(findInitializer(model, "unused"), 4, 12);
  expect(new Float32Array(part.slice().buffer)).toEqual(new Float32Array([1, 2]));
  // "bias" lies inside the model, the others outside of it.
  for (const [name, start, end] of [
    ["unused", 0, 4100],
    ["bias", 0, 257],
    ["bias", -4, 8],
    ["bias", 8, 4],
    ["bias", 0.5, 4],
    ["unused", 0, Number.NaN],
  ] as const) {
    const error = await refusal("INVALID_OPTION", () => data.read(findInitializer(model, name), start, end));
    expect(error.message).toContain(`tensor "${name}": a range outside of the tensor`);
  }
  await data.close();
});

describe("a location that leaves the folder is refused", () => {
  const locations = [
    "/etc/passwd",
    "../secret",
    "a/../../secret",
    "..\\secret",
    "C:\\secret",
    "C:secret",
    "\\\\server\\share",
    "a//b",
    "./../x",
    "..",
    "",
    "a\0b",
    "long/".repeat(1000) + "x",
  ];
  test.each(locations.map((location) => [location.slice(0, 20), location]))("%j", async (_, location) => {
    const tensor = create(TensorProtoSchema, {
      name: "w",
      dataType: 1,
      dims: [1n],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [{ key: "location", value: location }],
    });
    const error = await refusal("UNSAFE_PATH", () => externalDataOf(tensor, "model.onnx"));
    expect(error.message).toMatch(/^model\.onnx: tensor "w": /);
    const model = create(ModelProtoSchema, {
      opsetImport: [{ domain: "", version: 17n }],
      graph: { initializer: [tensor] },
    });
    await refusal("UNSAFE_PATH", () => parseModel(toBinary(ModelProtoSchema, model), "model.onnx"));
  });

  test("a link to a file elsewhere", async () => {
    const path = copyModel();
    writeFileSync(join(elsewhere, "secret"), "secret");
    symlinkSync(join(elsewhere, "secret"), join(folder, "linked"));
    await refusal("UNSAFE_PATH", () => resolveExternalFile(path, "linked"));
  });

  test("a link to a folder elsewhere", async () => {
    const path = copyModel();
    writeFileSync(join(elsewhere, "secret"), "secret");
    symlinkSync(elsewhere, join(folder, "linked"));
    await refusal("UNSAFE_PATH", () => resolveExternalFile(path, "linked/secret"));
  });
});

test("a cache that links model and weights to one other folder is followed", async () => {
  const blobs = join(folder, "blobs");
  const snapshot = join(folder, "snapshots", "0123");
  mkdirSync(blobs);
  mkdirSync(snapshot, { recursive: true });
  copyFileSync(join(fixtures, "external.onnx"), join(blobs, "aaaa"));
  copyFileSync(join(fixtures, "external.weights"), join(blobs, "bbbb"));
  symlinkSync("../../blobs/aaaa", join(snapshot, "external.onnx"));
  symlinkSync("../../blobs/bbbb", join(snapshot, "external.weights"));
  const path = join(snapshot, "external.onnx");
  const data = openModelData(path);
  const weights = await data.read(findInitializer(await readModel(path), "weights"));
  expect(weights.byteLength).toBe(8192);
  await data.close();
});

test("weights cut short, or missing, are named", async () => {
  const path = copyModel();
  const model = await readModel(path);
  truncateSync(join(folder, "external.weights"), 8000);
  const data = openModelData(path);
  const error = await refusal("INVALID_FILE", () => data.read(findInitializer(model, "weights")));
  expect(error.message).toMatch(/tensor "weights": .*at least 8192 bytes.*found 8000/);
  await data.close();
  rmSync(join(folder, "external.weights"));
  const lost = openModelData(path);
  await refusal("NOT_FOUND", () => lost.read(findInitializer(model, "weights")));
  await lost.close();
});

test.each([
  ["offset", "-1"],
  ["offset", "1e3"],
  ["length", "99999999999999999999"],
  ["length", "12 "],
])("an impossible %s of %j is refused", async (key, value) => {
  const bytes = new Uint8Array(readFileSync(join(fixtures, "external.onnx")));
  const model = parseModel(bytes, "external");
  const entry = findInitializer(model, "weights").externalData.find((candidate) => candidate.key === key);
  entry!.value = value;
  await refusal("INVALID_FILE", () => parseModel(toBinary(ModelProtoSchema, model), "external"));
});

test("a length that contradicts the shape is refused", async () => {
  const model = parseModel(new Uint8Array(readFileSync(join(fixtures, "external.onnx"))), "external");
  findInitializer(model, "weights").dims = [32n, 65n];
  await refusal("INVALID_FILE", () => parseModel(toBinary(ModelProtoSchema, model), "external"));
});
