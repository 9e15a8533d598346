import { readFileSync } from "node:fs";
import { toBinary } from "@bufbuild/protobuf";
import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { openModel, run } from "../../test/support/ort.js";
import { refusal } from "../../test/support/refusal.js";
import { describeModel } from "./describe.js";
import { parseModel } from "./read.js";
import { ModelProtoSchema } from "./schema/onnx_pb.js";
import { keepOutputs, renameValue } from "./surgery.js";

const branches = () => {
  const path = new URL("../../test/fixtures/onnx/branches.onnx", import.meta.url);
  return parseModel(new Uint8Array(readFileSync(path)), "branches");
};
const feeds = (condition: boolean) => ({
  x: new Tensor("float32", [1, -2], [2]),
  condition: new Tensor("bool", [condition], []),
});

test("a model is described with its subgraphs", () => {
  expect(describeModel(branches())).toEqual({
    producer: "fixture",
    irVersion: 8,
    operatorSets: { "": 17 },
    inputs: [
      { name: "x", type: "float", shape: [2] },
      { name: "condition", type: "bool", shape: [] },
    ],
    outputs: [
      { name: "y", type: "float", shape: [2] },
      { name: "other", type: "float", shape: [2] },
    ],
    operators: new Map([
      ["Neg", 1],
      ["If", 1],
      ["Add", 1],
      ["Mul", 1],
      ["Abs", 1],
    ]),
    externalFiles: [],
  });
});

test("keeping an output keeps what its subgraphs read from outside", async () => {
  const model = branches();
  const before = toBinary(ModelProtoSchema, model);
  const kept = keepOutputs(model, ["y"]);
  expect(toBinary(ModelProtoSchema, model)).toEqual(before);
  expect(kept.graph!.node.map((node) => node.opType)).toEqual(["Neg", "If"]);
  const result = await run(await openModel(kept), feeds(true));
  expect(Object.keys(result)).toEqual(["y"]);
  expect([...result.y!.data]).toEqual([0, 3]);
});

test("keeping an output drops inputs it does not need", async () => {
  const kept = keepOutputs(branches(), ["other"]);
  expect(describeModel(kept).inputs.map((input) => input.name)).toEqual(["x"]);
  const { x } = feeds(true);
  expect([...(await run(await openModel(kept), { x })).other!.data]).toEqual([1, 2]);
});

test("a value is renamed wherever it is used, in subgraphs too", async () => {
  const renamed = renameValue(renameValue(branches(), "shared", "negated"), "y", "answer");
  const result = await run(await openModel(renamed), feeds(false));
  expect([...result.answer!.data]).toEqual([-2, 4]);
});

test("what is not there, or taken, is refused", async () => {
  const error = await refusal("NOT_FOUND", () => keepOutputs(branches(), ["z"]));
  expect(error.message).toContain("expected one of y, other, found z");
  await refusal("NOT_FOUND", () => renameValue(branches(), "z", "a"));
  await refusal("INVALID_OPTION", () => renameValue(branches(), "y", "other"));
});
