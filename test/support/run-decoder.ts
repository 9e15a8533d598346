import { Tensor } from "onnxruntime-node";
import { decoder, mergedDecoder } from "../../src/graphs/contract.js";
import { type ModelSpec, rowWidth } from "../../src/models/spec.js";
import { openSession } from "../../src/runtime/ort.js";
import type { Feeds } from "../../src/runtime/session.js";

/**
 * One run of a decoder graph of our form over rows [n, W] with an empty cache: its logits.
 *
 * @param positions axis by axis; default: 0 and on
 */
export async function runDecoder(
  path: string,
  spec: ModelSpec,
  embeddings: Float32Array,
  positions?: readonly number[],
): Promise<Float32Array> {
  const { layers, keyValueHeads, headDim } = spec.language;
  const hiddenSize = rowWidth(spec.language);
  const rows = embeddings.length / hiddenSize;
  const nothing = (...dims: number[]) => new Tensor("float32", new Float32Array(0), dims);
  const past = Array.from({ length: layers }, (_, layer) => ({
    [decoder.pastKey(layer)]: nothing(keyValueHeads, headDim, 0),
    [decoder.pastValue(layer)]: nothing(keyValueHeads, 0, headDim),
  }));
  return logitsOf(path, {
    [decoder.embeddings]: new Tensor("float32", embeddings, [rows, hiddenSize]),
    [decoder.positions]: positionsOf(rows, positions),
    [decoder.keyBias]: new Tensor("float32", new Float32Array(rows), [rows]),
    [decoder.pastBias]: nothing(0),
    [decoder.pastLength]: new Tensor("int64", [0n], []),
    ...Object.assign({}, ...past),
  });
}

/** The same for the form of other exporters. */
export async function runMergedDecoder(
  path: string,
  spec: ModelSpec,
  embeddings: Float32Array,
): Promise<Float32Array> {
  const { layers, keyValueHeads, headDim, hiddenSize } = spec.language;
  const rows = embeddings.length / hiddenSize;
  const nothing = () => new Tensor("float32", new Float32Array(0), [1, keyValueHeads, 0, headDim]);
  const past = Array.from({ length: layers }, (_, layer) => ({
    [mergedDecoder.pastKey(layer)]: nothing(),
    [mergedDecoder.pastValue(layer)]: nothing(),
  }));
  return logitsOf(path, {
    [mergedDecoder.embeddings]: new Tensor("float32", embeddings, [1, rows, hiddenSize]),
    [mergedDecoder.positions]: positionsOf(rows),
    [mergedDecoder.attentionMask]: new Tensor("int64", new BigInt64Array(rows).fill(1n), [1, rows]),
    ...Object.assign({}, ...past),
  });
}

function positionsOf(
  rows: number,
  positions: readonly number[] = Array.from({ length: rows }, (_, row) => row),
): Tensor {
  return new Tensor("int64", BigInt64Array.from(positions, BigInt), [positions.length / rows, rows]);
}

async function logitsOf(path: string, feeds: Feeds): Promise<Float32Array> {
  const session = await openSession(path, { threads: 1 });
  const out = await session.run(feeds);
  await session.dispose();
  return out.logits!.data as Float32Array;
}
