import { readFileSync } from "node:fs";
import { create, toBinary } from "@bufbuild/protobuf";
import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { openModel, run } from "../../test/support/ort.js";
import { refusal } from "../../test/support/refusal.js";
import { describeModel } from "./describe.js";
import { parseModel } from "./read.js";
import { ModelProtoSchema, SparseTensorProtoSchema } from "./schema/onnx_pb.js";
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

test("a sparse initializer is renamed with the nodes that read it", () => {
  const model = branches();
  const sparse = create(SparseTensorProtoSchema, { values: { name: "sparse" } });
  model.graph!.sparseInitializer.push(sparse);
  model.graph!.node[0]!.input[0] = "sparse";
  const { node, sparseInitializer } = renameValue(model, "sparse", "thin").graph!;
  expect([node[0]!.input[0], sparseInitializer[0]!.values!.name]).toEqual(["thin", "thin"]);
});

test("a subgraph's own value of the same name stays that subgraph's", async () => {
  const model = branches();
  const inner = model.graph!.node[1]!.attribute[0]!.g!;
  const [own] = inner.initializer;
  for (const { input } of inner.node) if (input[1] === own!.name) input[1] = "other";
  own!.name = "other";
  const renamed = renameValue(model, "other", "absolute");
  const branch = renamed.graph!.node[1]!.attribute[0]!.g!;
  expect(branch.node[0]!.input[1]).toBe(branch.initializer[0]!.name);
});

test("what is not there, or taken, is refused", async () => {
  const error = await refusal("NOT_FOUND", () => keepOutputs(branches(), ["z"]));
  expect(error.message).toContain("expected one of y, other, found z");
  await refusal("NOT_FOUND", () => renameValue(branches(), "z", "a"));
  await refusal("NOT_FOUND", () => renameValue(branches(), "", "a"));
  await refusal("INVALID_OPTION", () => renameValue(branches(), "y", "other"));
  await refusal("INVALID_OPTION", () => renameValue(branches(), "y", ""));
});

// An initializer, a node's result and an output of the branches; "shared" would stand for them there.
test.each(["two", "one", "then_y", "else_y"])("a name taken in a subgraph is refused: %s", async (name) => {
  const error = await refusal("INVALID_OPTION", () => renameValue(branches(), "shared", name));
  expect(error.message).toContain(`the name is taken; found ${name}`);
});
