import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { mergedDecoder } from "../graphs/contract.js";
import { GraphBuilder } from "../onnx/builder.js";
import { cast, concat, reduce, reshape, unsqueeze } from "../onnx/ops/index.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import type { ElementType } from "../onnx/types.js";
import { halfBits } from "../tensor/half.js";
import { placed } from "./held-places.js";
import { loadEngine } from "./load-engine.js";
import { ReturnedCache } from "./returned-cache.js";
import type { OrtTensor, Session } from "./session.js";
import { tensorsOf } from "./session.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-returned-"));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * A decoder as other exporters write it, made to show what it was fed: logits [1, s, 3] of all positions are the
 * position, the length of the mask and the sum of all first keys; a row's key and value are its embedding.
 */
function writeTellingDecoder(name: string, cacheType: ElementType, extra?: string): string {
  const graph = new GraphBuilder("telling");
  const embeddings = graph.input(mergedDecoder.embeddings, "float32", [1, "s", 4]);
  const mask = graph.input(mergedDecoder.attentionMask, "int64", [1, "total"]);
  const positions = graph.input("position_ids", "int64", [1, "s"]);
  if (extra !== undefined) graph.input(extra, "int64", [1]);
  const heads = cast(reshape(embeddings, [1, 1, "s", 4]), cacheType);
  const past = [mergedDecoder.pastKey(0), mergedDecoder.pastValue(0)].map((input) =>
    graph.input(input, cacheType, [1, 1, "past", 4]),
  );
  const present = past.map((tensor) => concat([tensor, heads], 2));
  const position = unsqueeze(cast(positions, "float32"), 2); // [1, s, 1]
  const zero = reduce("ReduceSum", embeddings, 2, true);
  const like = (value: typeof zero) => ({ ...value, shape: zero.shape });
  const maskLength = reshape(cast(reduce("ReduceSum", mask, 1), "float32"), [1, 1, 1]);
  const keySum = reshape(
    reduce("ReduceSum", reshape(cast(present[0]!, "float32"), [1, "all"]), 1),
    [1, 1, 1],
  );
  const spread = (value: typeof zero) =>
    graph.node("Add", [value, graph.node("Sub", [zero, zero], [like(zero)])[0]!], [like(zero)])[0]!;
  graph.output(mergedDecoder.logits, concat([like(position), spread(maskLength), spread(keySum)], 2));
  graph.output(mergedDecoder.presentKey(0), present[0]!);
  graph.output(mergedDecoder.presentValue(0), present[1]!);
  const path = join(folder, name);
  writeFileSync(path, toBinary(ModelProtoSchema, graph.build()));
  return path;
}

const rows = (...values: number[]) => ({
  rows: values.length,
  columns: 4,
  data: Float32Array.from(values.flatMap((value) => [value, 0, 0, 0])),
});

describe.each(["float32", "float16"] as const)("a returned cache of %s", (type) => {
  const path = writeTellingDecoder(`${type}.onnx`, type);

  it("feeds positions, mask and what the last run returned, also after a cut and in a copy", async () => {
    const engine = await loadEngine({ folder, decoder: { path, form: "common" } }, { worker: false });
    const cache = await engine.createCache();
    const run = async (id: number, ...values: number[]) => [
      ...(await engine.forward(id, rows(...values))).logits,
    ];
    expect(await run(cache, 1, 2, 4)).toEqual([2, 3, 7]);
    const copy = await engine.forkCache(cache);
    expect(await run(cache, 8)).toEqual([3, 4, 15]);
    await engine.truncateCache(cache, 1);
    expect(await engine.cacheMemory(cache)).toEqual({
      usedBytes: 2 * 4 * (type === "float32" ? 4 : 2),
      allocatedBytes: 4 * 2 * 4 * (type === "float32" ? 4 : 2),
    });
    expect(await run(cache, 16)).toEqual([1, 2, 17]);
    expect(await run(copy, 32)).toEqual([3, 4, 39]);
    await engine.dispose();
  });
});

it("refuses a decoder with an input that it does not know", async () => {
  const path = writeTellingDecoder("strange.onnx", "float32", "beam_idx");
  const engine = await loadEngine({ folder, decoder: { path, form: "common" } }, { worker: false });
  const cache = await engine.createCache();
  await expect(engine.forward(cache, rows(1))).rejects.toMatchObject({
    code: "UNSUPPORTED_MODEL",
    details: { found: "input beam_idx", where: path },
  });
  await engine.dispose();
});

/** A decoder whose keys and values come back as the test has them, in whatever memory and array type. */
function sessionReturning(type: "float32" | "float16", present: (tokens: number) => OrtTensor) {
  const fed: OrtTensor[] = [];
  const heads = { type, shape: [1, 1, "past", 1] } as const;
  const session: Session = {
    path: "decoder.onnx",
    inputs: [
      { name: mergedDecoder.embeddings, type: "float32", shape: [1, "s", 1] },
      { name: mergedDecoder.attentionMask, type: "int64", shape: [1, "total"] },
      { name: mergedDecoder.pastKey(0), ...heads },
      { name: mergedDecoder.pastValue(0), ...heads },
    ],
    outputs: [],
    async run(feeds) {
      fed.push(feeds[mergedDecoder.pastKey(0)]!);
      const tokens = feeds[mergedDecoder.attentionMask]!.dims[1]!;
      return {
        [mergedDecoder.logits]: new Tensor("float32", new Float32Array(2), [1, 1, 2]),
        [mergedDecoder.presentKey(0)]: present(tokens),
        [mergedDecoder.presentValue(0)]: present(tokens),
      };
    },
    dispose: async () => {},
  };
  return { session, fed };
}

const one = new Float32Array(1);

/** One position after another, no biases. */
const inOrder = (cache: ReturnedCache, count: number) => placed({}, count, () => cache.nextPosition);

const present = (tokens: number) => new Tensor("float32", new Float32Array(tokens), [1, 1, tokens, 1]);

it("feeds what other exporters declare: positions, which branch to take, how many logits to keep", async () => {
  const { session } = sessionReturning("float32", present);
  const runs: Record<string, [readonly number[], unknown[]]>[] = [];
  const extras = ["position_ids", "use_cache_branch", "num_logits_to_keep"];
  const declaring: Session = {
    ...session,
    inputs: [...session.inputs, ...extras.map((name) => ({ name, type: "int64", shape: [] }))],
    run(feeds) {
      runs.push(
        Object.fromEntries(
          Object.entries(feeds).map(([name, { dims, data }]) => [name, [dims, Array.from(data as never)]]),
        ),
      );
      return session.run(feeds);
    },
  };
  const cache = await ReturnedCache.create(declaring, tensorsOf(Tensor));
  await cache.run(new Float32Array(3), 3, inOrder(cache, 3));
  await cache.run(new Float32Array(2), 2, inOrder(cache, 2));
  expect(runs).toMatchObject([
    {
      position_ids: [
        [1, 3],
        [0n, 1n, 2n],
      ],
      [mergedDecoder.attentionMask]: [
        [1, 3],
        [1n, 1n, 1n],
      ],
      use_cache_branch: [[1], [0]],
      num_logits_to_keep: [[], [1n]],
    },
    {
      position_ids: [
        [1, 2],
        [3n, 4n],
      ],
      [mergedDecoder.attentionMask]: [
        [1, 5],
        [1n, 1n, 1n, 1n, 1n],
      ],
      use_cache_branch: [[1], [1]],
      num_logits_to_keep: [[], [1n]],
    },
  ]);
});

it("hands tensors on as they came as long as nothing was cut", async () => {
  const made: OrtTensor[] = [];
  const { session, fed } = sessionReturning("float32", (tokens) => {
    const tensor = present(tokens);
    made.push(tensor);
    return tensor;
  });
  const cache = await ReturnedCache.create(session, tensorsOf(Tensor));
  await cache.run(one, 1, inOrder(cache, 1));
  await cache.run(one, 1, inOrder(cache, 1));
  expect(made).toContain(fed.at(-1));
  cache.truncate(1);
  await cache.run(one, 1, inOrder(cache, 1));
  expect(made).not.toContain(fed.at(-1));
  expect(fed.at(-1)!.dims).toEqual([1, 1, 1, 1]);
});

it.each([
  ["a cache of another type", { type: "int8" }, /expected.*float32 or float16.*found a cache of int8/],
  ["a cache whose heads are open", { shape: [1, "heads", "past", 1] }, /a number at axis 1/],
])("refuses %s", async (_, change, message) => {
  const { session } = sessionReturning("float32", present);
  const inputs = session.inputs.map((input) =>
    input.name.startsWith("past_key_values") ? { ...input, ...change } : input,
  );
  await expect(ReturnedCache.create({ ...session, inputs }, tensorsOf(Tensor))).rejects.toThrow(message);
});

it("knows ten layers and more, and no input that only looks like a layer", async () => {
  const { session } = sessionReturning("float32", present);
  const past = (name: string) => ({ name, type: "float32", shape: [1, 1, "past", 1] });
  const layers = Array.from({ length: 12 }, (_, layer) => layer).flatMap((layer) => [
    past(mergedDecoder.pastKey(layer)),
    past(mergedDecoder.pastValue(layer)),
  ]);
  const inputs = [...session.inputs.slice(0, 2), ...layers];
  const outputs = (name: string) =>
    Object.fromEntries(
      Array.from({ length: 12 }, (_, layer) => [
        [mergedDecoder.presentKey(layer), present(1)],
        [mergedDecoder.presentValue(layer), present(1)],
      ])
        .flat()
        .concat([[name, new Tensor("float32", new Float32Array(2), [1, 1, 2])]]),
    );
  const run = async () => outputs(mergedDecoder.logits);
  const cache = await ReturnedCache.create({ ...session, inputs, run }, tensorsOf(Tensor));
  await cache.run(one, 1, inOrder(cache, 1));
  expect([cache.usedBytes, cache.allocatedBytes]).toEqual([12 * 2 * 4, 12 * 2 * 4]);
  for (const strange of ["cross.past_key_values.0.key", "past_key_values.0.key_scale"]) {
    const more = { ...session, inputs: [...inputs, past(strange)], run };
    const other = await ReturnedCache.create(more, tensorsOf(Tensor));
    await expect(other.run(one, 1, inOrder(other, 1))).rejects.toThrow(new RegExp(`found input ${strange}`));
  }
});

it("gives the memory of a graphics processor back once, when the last copy lets it go", async () => {
  const live = new Set<OrtTensor>();
  const { session } = sessionReturning("float32", (tokens) => {
    const data = new Float32Array(tokens);
    const tensor = {
      type: "float32",
      data,
      dims: [1, 1, tokens, 1],
      location: "gpu-buffer",
      getData: async () => data,
      dispose: () => expect(live.delete(tensor)).toBe(true),
    } as unknown as OrtTensor;
    live.add(tensor);
    return tensor;
  });
  const cache = await ReturnedCache.create(session, tensorsOf(Tensor));
  await cache.run(one, 1, inOrder(cache, 1));
  for (let question = 0; question < 4; question++) {
    const copy = cache.fork();
    const further = copy.fork();
    await copy.run(one, 1, inOrder(copy, 1));
    copy.truncate(1);
    await copy.run(one, 1, inOrder(copy, 1));
    further.release();
    copy.release();
    expect(live.size).toBe(2);
  }
  await cache.run(one, 1, inOrder(cache, 1));
  expect(live.size).toBe(2);
  cache.release();
  expect(live.size).toBe(0);
});

it("cuts halves by their bits where a runtime hands them out as numbers", async () => {
  // What newer platforms' Float16Array is to this code: the same bytes, but not as a Uint16Array.
  const { session, fed } = sessionReturning("float16", (tokens) => {
    const bits = new Uint16Array(tokens).fill(0x3c00);
    const tensor = new Tensor("float16", bits, [1, 1, tokens, 1]);
    return Object.assign(tensor, { getData: async () => new Uint8Array(bits.buffer) });
  });
  const cache = await ReturnedCache.create(session, tensorsOf(Tensor));
  await cache.run(new Float32Array(4), 4, inOrder(cache, 4));
  cache.truncate(2);
  await cache.run(one, 1, inOrder(cache, 1));
  expect(fed.at(-1)!.dims).toEqual([1, 1, 2, 1]);
  expect(halfBits(fed.at(-1)!.data as Uint16Array)).toEqual(Uint16Array.of(0x3c00, 0x3c00));
});
