/**
 * ONNX as a data format: read, write, build, inspect and change models. Nothing here runs them.
 *
 * @module prumerge/onnx
 */
export type { ByteSource } from "../tensor/byte-source.js";
export { type Attribute, GraphBuilder, type NodeOptions, type OutputSpec, type Value } from "./builder.js";
export { describeModel, findInitializer, type GraphPort, type ModelDescription } from "./describe.js";
export { checkLocation, type ExternalData, externalDataOf, resolveExternalFile } from "./external-data.js";
export type { PlainAttribute } from "./graph-parts.js";
export { defaultLimits, type OnnxLimits } from "./limits.js";
export { type Closeable, ModelData, openModelData } from "./model-data.js";
export * as ops from "./ops/index.js";
export { parseModel, readModel, readModelFrom } from "./read.js";
export * from "./schema/onnx_pb.js";
export { type Dim, type Shape, showShape } from "./shape.js";
export { keepOutputs, renameValue } from "./surgery.js";
export { checkTensor, embeddedBytes, tensorByteLength } from "./tensor-data.js";
export { type ElementType, elementTypes } from "./types.js";
export { nodesOf, tensorsOf } from "./walk.js";
export { type Placement, WeightFile } from "./weight-file.js";
export { saveModel, writeModel } from "./write.js";
