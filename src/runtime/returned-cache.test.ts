import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { afterAll, describe, expect, it } from "vitest";
import { mergedDecoder } from "../graphs/contract.js";
import { GraphBuilder } from "../onnx/builder.js";
import { cast, concat, reduce, reshape, unsqueeze } from "../onnx/ops/index.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import type { ElementType } from "../onnx/types.js";
import { loadEngine } from "./load-engine.js";

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
