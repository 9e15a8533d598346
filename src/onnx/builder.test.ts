import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { openModel, run } from "../../test/support/ort.js";
import { refusal } from "../../test/support/refusal.js";
import { GraphBuilder, type Value } from "./builder.js";
import * as ops from "./ops/index.js";
import { WeightFile } from "./weight-file.js";

const graph = () => new GraphBuilder("test");
const float = (g: GraphBuilder, name: string, ...shape: (number | string)[]) =>
  g.input(name, "float32", shape);

describe("a wrong graph fails where it is written", () => {
  const cases: [string, (g: GraphBuilder) => Value | Value[], RegExp][] = [
    [
      "inner sizes of MatMul",
      (g) => ops.matMul(float(g, "a", 2, 3), float(g, "b", 4, 5)),
      /MatMul: .*inner sizes that agree, found \[2, 3\] and \[4, 5\]/,
    ],
    [
      "batch sizes of MatMul",
      (g) => ops.matMul(float(g, "a", 2, 3, 4), float(g, "b", 3, 4, 5)),
      /MatMul: .*broadcast/,
    ],
    [
      "broadcasting",
      (g) => ops.add(float(g, "a", 2, 3), float(g, "b", 4, 3)),
      /Add: .*\[2, 3\] and \[4, 3\]/,
    ],
    [
      "two names meet",
      (g) => ops.add(float(g, "a", "rows"), float(g, "b", "columns")),
      /Add: .*\[rows\] and \[columns\]/,
    ],
    [
      "types",
      (g) => ops.add(float(g, "a", 2), g.input("b", "int64", [2])),
      /Add: .*one type, found float32 and int64/,
    ],
    [
      "a condition that is not bool",
      (g) => ops.where(float(g, "a", 2), float(g, "b", 2), float(g, "c", 2)),
      /Where: .*bool condition/,
    ],
    [
      "branches of two types",
      (g) => ops.where(g.input("a", "bool", [2]), float(g, "b", 2), g.input("c", "int64", [2])),
      /Where: .*float32 and int64/,
    ],
    [
      "elements lost in Reshape",
      (g) => ops.reshape(float(g, "a", 4, 6), [5, 5]),
      /Reshape: .*as many elements as \[4, 6\], found \[5, 5\]/,
    ],
    [
      "two inferred sizes",
      (g) => ops.reshape(float(g, "a", "rows", 6), ["x", "y", 6]),
      /Reshape: .*at most one inferred size/,
    ],
    [
      "a permutation",
      (g) => ops.transpose(float(g, "a", 2, 3), [0, 0]),
      /Transpose: .*permutation of 2 axes, found \[0, 0\]/,
    ],
    [
      "Concat beside its axis",
      (g) => ops.concat([float(g, "a", 2, 3), float(g, "b", 2, 4)], 0),
      /Concat: .*but for axis 0/,
    ],
    ["Squeeze of a longer axis", (g) => ops.squeeze(float(g, "a", 2, 3), 0), /Squeeze: .*size 1 at axis 0/],
    [
      "an axis outside of the rank",
      (g) => ops.softmax(ops.slice(float(g, "a", 2), 1, 0, 1, 1)),
      /Slice: .*rank 1, found 1/,
    ],
    [
      "a picture that does not fit its kernel",
      (g) => ops.patchConvolution(float(g, "a", 1, 4, 28, 28), float(g, "w", 8, 3, 14, 14), undefined),
      /Conv: .*fits the kernel/,
    ],
    [
      "updates that do not match indices",
      (g) => ops.scatterElements(float(g, "a", 4), g.input("i", "int64", [2]), float(g, "u", 3), 0),
      /ScatterElements: .*as many updates/,
    ],
    [
      "rows of another batch",
      (g) => ops.gatherRows(float(g, "a", 2, 5, 3), g.input("i", "int64", [3, 4])),
      /GatherND: .*one batch/,
    ],
    [
      "rows by float indices",
      (g) => ops.gatherRows(float(g, "a", 2, 5, 3), float(g, "i", 2, 4)),
      /GatherND: .*int64 indices/,
    ],
    [
      "heads that do not divide the width",
      (g) =>
        ops.multiHeadAttention(float(g, "q", 1, 5, 10), float(g, "k", 1, 5, 10), float(g, "v", 1, 5, 10), 4),
      /MultiHeadAttention: .*a multiple of 4/,
    ],
    [
      "keys unlike queries",
      (g) =>
        ops.multiHeadAttention(float(g, "q", 1, 5, 8), float(g, "k", 1, 6, 8), float(g, "v", 1, 5, 8), 4),
      /MultiHeadAttention: .*of the queries' batch and width/,
    ],
    [
      "a quantised weight's input",
      (g) =>
        ops.matMulNBits(float(g, "a", 2, 31), {
          blocks: float(g, "b", 1),
          scales: float(g, "s", 1),
          outSize: 4,
          inSize: 32,
          bits: 4,
          blockSize: 32,
          accuracyLevel: 0,
        }),
      /MatMulNBits: .*last size 32/,
    ],
    [
      "a constant that does not fill its shape",
      (g) => g.constant("float32", [2, 2], [1, 2, 3]),
      /4 elements for \[2, 2\], found 3/,
    ],
    [
      "a name twice",
      (g) => [float(g, "a", 1), float(g, "a", 1)],
      /value name is taken, found a|name is taken; found a/,
    ],
    ["a value of another graph", (g) => ops.add(float(g, "a", 1), float(graph(), "b", 1)), /another graph/],
  ];
  test.each(cases)("%s", async (_, build, message) => {
    const error = await refusal("INVALID_TENSOR", () => build(graph()));
    expect(error.message).toMatch(message);
  });
});

test("shapes follow the operators", () => {
  const g = graph();
  const x = float(g, "x", "rows", 8);
  expect(ops.matMul(x, float(g, "w", 8, 3)).shape).toEqual(["rows", 3]);
  expect(ops.concat([x, float(g, "y", 2, 8)], 0).shape).toEqual(["rows + 2", 8]);
  expect(ops.reshape(x, ["rows", 2, 4]).shape).toEqual(["rows", 2, 4]);
  expect(ops.reduce("ReduceSum", x, -1).shape).toEqual(["rows"]);
  expect(ops.topK(x, 3, 3)[1]).toMatchObject({ type: "int64", shape: ["rows", 3] });
  expect(ops.gatherRows(float(g, "z", 2, 5, 3), g.input("i", "int64", [2, 7])).shape).toEqual([2, 7, 3]);
});

test("a built graph gives what its operators say", async () => {
  const g = graph();
  const x = float(g, "x", "rows", 2);
  const yes = g.input("yes", "bool", []);
  g.output("sums", ops.cumulativeSum(x, 0));
  const flags = ops.where(
    yes,
    ops.greater(x, ops.scalar(g, "float32", 2)),
    ops.less(x, ops.scalar(g, "float32", 2)),
  );
  g.output("flags", ops.cast(flags, "int64"));
  g.output("filled", ops.filledLike(x, ops.scalar(g, "float32", 7)));
  const session = await openModel(g.build());
  const feeds = (value: boolean) => ({
    x: new Tensor("float32", [1, 2, 3, 4], [2, 2]),
    yes: new Tensor("bool", [value], []),
  });
  const result = await run(session, feeds(true));
  expect([...result.sums!.data]).toEqual([1, 2, 4, 6]);
  expect(result.flags!.data).toEqual([0, 0, 1, 1]);
  expect([...result.filled!.data]).toEqual([7, 7, 7, 7]);
  expect((await run(session, feeds(false))).flags!.data).toEqual([1, 0, 0, 0]);
});

test("a loop runs its part until that says stop, or as often as it may", async () => {
  const g = graph();
  const step = ops.add(float(g, "x", 2), ops.scalar(g, "float32", 1));
  const most = g.input("most", "int64", []);
  const begin = g.input("begin", "bool", []);
  const { state, kept } = ops.loop(most, begin, [step], "turns", (body, [sum]) => {
    // Two loops deep, both with constants and node names of their own; what they see is an output as well.
    const inner = ops.loop(
      ops.scalar(body, "int64", 2),
      ops.scalar(body, "bool", 1),
      [sum!],
      "inner",
      (deep, [before]) => ({
        goOn: ops.scalar(deep, "bool", 1),
        state: [ops.add(before!, ops.scalar(deep, "float32", 1))],
        kept: [],
      }),
    );
    const after = ops.add(inner.state[0]!, body.seen(step));
    const total = ops.reduce("ReduceSum", after, 0);
    return { goOn: ops.less(total, ops.scalar(body, "float32", 100)), state: [after], kept: [total] };
  });
  g.output("step", step);
  g.output("state", state[0]!);
  g.output("totals", kept[0]!);
  expect(kept[0]!.shape).toEqual(["turns"]);
  const session = await openModel(g.build());
  const after = async (turns: number, begins = true) => {
    const result = await run(session, {
      x: new Tensor("float32", [1, 3], [2]),
      most: new Tensor("int64", [BigInt(turns)], []),
      begin: new Tensor("bool", [begins], []),
    });
    return [[...result.state!.data], [...result.totals!.data]];
  };
  // (2, 4), and in each turn (2, 4) and twice 1 more of each.
  expect(await after(2)).toEqual([
    [10, 16],
    [16, 26],
  ]);
  expect((await after(50))[1]).toHaveLength(10); // 16, 26, ... 106
  expect(await after(0)).toEqual([[2, 4], []]);
  expect(await after(9, false)).toEqual([[2, 4], []]);
});

test("a loop's state stays of one shape, and its part sees values of the graph around it alone", async () => {
  const wrong = (turn: Parameters<typeof ops.loop>[4]) => () => {
    const g = graph();
    return ops.loop(ops.scalar(g, "int64", 2), ops.scalar(g, "bool", 1), [float(g, "x", 2)], "turns", turn);
  };
  const more = await refusal(
    "INVALID_TENSOR",
    wrong((body, [x]) => ({
      goOn: ops.scalar(body, "bool", 1),
      state: [ops.concat([x!, x!], 0)],
      kept: [],
    })),
  );
  expect(more.message).toMatch(/Loop: .*a state float32\[2\] as before the turn, found float32\[4\]/);
  const foreign = await refusal(
    "INVALID_TENSOR",
    wrong((body, [x]) => ({ goOn: body.seen(float(graph(), "b", 1)), state: [x!], kept: [] })),
  );
  expect(foreign.message).toMatch(/another graph/);
});

describe("weights", () => {
  test("are placed once for every graph that names them, aligned", () => {
    const file = new WeightFile<string>("w.onnx_data");
    const [first, second] = [graph(), graph()];
    first.weight(file, "a", "uint8", [3], "recipe of a");
    first.weight(file, "b", "float32", [2, 2], "recipe of b");
    second.weight(file, "b", "float32", [2, 2], "recipe of b");
    expect(file.placements).toEqual([
      { key: "a", offset: 0, byteLength: 3, recipe: "recipe of a" },
      { key: "b", offset: 64, byteLength: 16, recipe: "recipe of b" },
    ]);
    expect(file.byteLength).toBe(80);
    const [initializer] = second.build().graph!.initializer;
    expect(initializer!.externalData.map(({ key, value }) => `${key}=${value}`)).toEqual([
      "location=w.onnx_data",
      "offset=64",
      "length=16",
    ]);
  });

  test("of one name and two sizes are refused", async () => {
    const file = new WeightFile<null>("w.onnx_data");
    graph().weight(file, "a", "float32", [3], null);
    const error = await refusal("INVALID_TENSOR", () => graph().weight(file, "a", "float32", [4], null));
    expect(error.message).toContain("expected 12 bytes, found 16 bytes");
  });

  test("named again are the same value, and refused where the name stands for something else", async () => {
    const file = new WeightFile<null>("w.onnx_data");
    const own = graph();
    const a = own.weight(file, "a", "float32", [2, 2], null);
    own.input("x", "float32", [2, 2]);
    expect(own.weight(file, "a", "float32", [2, 2], null)).toBe(a);
    const error = await refusal("INVALID_TENSOR", () => own.weight(file, "a", "float32", [4], null));
    expect(error.message).toMatch(
      /a: .*expected a weight float32 \[4\] in w\..*, found a weight float32 \[2, 2\]/,
    );
    await refusal("INVALID_TENSOR", () => own.weight(file, "a", "int32", [2, 2], null));
    await refusal("INVALID_TENSOR", () => own.weight(file, "x", "float32", [2, 2], null));
    const other = new WeightFile<null>("other.onnx_data");
    await refusal("INVALID_TENSOR", () => own.weight(other, "a", "float32", [2, 2], null));
  });

  test.each(["", "..", "a/b", "a\\b", "/a"])("do not go into a file named %j", async (name) => {
    await refusal("UNSAFE_PATH", () => new WeightFile(name));
  });
});
