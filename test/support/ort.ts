import { toBinary } from "@bufbuild/protobuf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { visionInputs } from "../../src/graphs/contract.js";
import { type ModelProto, ModelProtoSchema } from "../../src/onnx/schema/onnx_pb.js";
import type { PruMergeSettings } from "../../src/reduce/prumerge-settings.js";

/** A result of a run, with integers as plain numbers. */
export interface Result {
  readonly dims: readonly number[];
  readonly data: Float32Array | number[];
}

/** Opens a model that holds its weights itself, or by path one that has external data. */
export function openModel(model: ModelProto | string): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = { intraOpNumThreads: 1, logSeverityLevel: 3 };
  return typeof model === "string"
    ? InferenceSession.create(model, options)
    : InferenceSession.create(toBinary(ModelProtoSchema, model), options);
}

/** Runs a session and hands back every output, or only the named ones. */
export async function run(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  fetches?: readonly string[],
): Promise<Record<string, Result>> {
  const outputs = fetches === undefined ? await session.run(feeds) : await session.run(feeds, [...fetches]);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [
      name,
      { dims, data: data instanceof Float32Array ? data : Array.from(data as BigInt64Array, Number) },
    ]),
  );
}

export function floatTensor(data: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor("float32", data, dims);
}

/** Released defaults of plain, adaptive PruMerge. */
export const plainPruMerge: PruMergeSettings = {
  exact: false,
  count: 0,
  iqrFactor: 1.5,
  neighbours: 32,
  spatial: false,
  globalToken: true,
  rasterOrder: false,
};

/** The unreduced model, by settings: every patch alone, in raster order. */
export function identity(patches: number): PruMergeSettings {
  return {
    ...plainPruMerge,
    exact: true,
    count: patches,
    neighbours: 0,
    globalToken: false,
    rasterOrder: true,
  };
}

/** Settings as the feeds of a vision or reduction graph. */
export function settingFeeds(settings: PruMergeSettings): Record<string, Tensor> {
  const bool = (value: boolean) => new Tensor("bool", [value], []);
  const integer = (value: number) => new Tensor("int64", [BigInt(value)], []);
  return {
    [visionInputs.exact]: bool(settings.exact),
    [visionInputs.count]: integer(settings.count),
    [visionInputs.iqrFactor]: new Tensor("float32", [settings.iqrFactor], []),
    [visionInputs.neighbours]: integer(settings.neighbours),
    [visionInputs.spatial]: bool(settings.spatial),
    [visionInputs.globalToken]: bool(settings.globalToken),
    [visionInputs.rasterOrder]: bool(settings.rasterOrder),
  };
}

export function int64Tensor(data: ArrayLike<number>, dims: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(Array.from(data), BigInt), dims);
}
