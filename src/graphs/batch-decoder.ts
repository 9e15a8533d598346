import { toBinary } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import type { CacheForm } from "../models/cache-forms.js";
import type { ModelSpec } from "../models/spec.js";
import { externalDataOf } from "../onnx/external-data.js";
import { parseModel } from "../onnx/read.js";
import {
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from "../onnx/schema/onnx_pb.js";
import { WeightFile } from "../onnx/weight-file.js";
import { buildBatchedDecoder } from "./decoder-batched.js";
import { languagePrefix } from "./names.js";
import { GraphWeights, type Precision, type WeightOptions, type WeightRecipe } from "./weights.js";

/** What a decoder that is made of a folder's has otherwise. */
export interface DecoderWish {
  /** Whether sequences are going to share runs; default true. */
  readonly several?: boolean;
  /** Default: `fp32`. */
  readonly cache?: CacheForm;
}

/**
 * A folder's decoder for several sequences at once: the same weights, where they lie, under the graph of
 * {@link buildBatchedDecoder}. So a folder of any earlier conversion serves, and no weight is held twice.
 *
 * @param bytes of `decoder*.onnx` of our form
 * @param where its path, for messages
 * @returns bytes of a graph whose external data lie beside that file
 * @throws PrumergeError UNSUPPORTED_MODEL where its weights are others than the ones that the graph wants, or its positions
 * follow the length of the sequence; INVALID_FILE for what is no ONNX model
 */
export function batchDecoder(
  spec: ModelSpec,
  bytes: Uint8Array,
  where: string,
  { several = true, cache }: DecoderWish = {},
): Uint8Array {
  if (several && spec.language.rope.kind === "dynamic") {
    throw new PrumergeError(
      "UNSUPPORTED_MODEL",
      "sequences of different lengths cannot share a run where positions follow a sequence's length",
      { found: "rope of kind dynamic", where },
    );
  }
  const folders = parseModel(bytes, where);
  const known = new Map(initializersOf(folders).map((tensor) => [tensor.name, tensor]));
  const products = new Map(quantizedProducts(folders));
  const model = buildBatchedDecoder(spec, weightsLike(known, products, where), cache);
  const { graph } = model;
  graph!.initializer = initializersOf(model).map((tensor) =>
    tensor.dataLocation === TensorProto_DataLocation.EXTERNAL ? stored(tensor, known, where) : tensor,
  );
  for (const [weight, product] of quantizedProducts(model)) {
    const found = products.get(weight);
    if (found !== product) throw otherWeights(`${weight} with ${found}`, where);
  }
  return toBinary(ModelProtoSchema, model);
}

function initializersOf({ graph }: ModelProto): TensorProto[] {
  return graph!.initializer;
}

/** The tensor of that name in the folder's decoder, in place of one that only was laid out. */
function stored(wanted: TensorProto, known: ReadonlyMap<string, TensorProto>, where: string): TensorProto {
  const found = known.get(wanted.name);
  if (found === undefined) throw otherWeights(`no ${wanted.name}`, where);
  const same = found.dataType === wanted.dataType && found.dims.join() === wanted.dims.join();
  if (!same)
    throw otherWeights(`${wanted.name} of type ${found.dataType}, [${found.dims.join(", ")}]`, where);
  return found;
}

/** Weights that are laid out as the folder's decoder has them. */
function weightsLike(
  known: ReadonlyMap<string, TensorProto>,
  products: ReadonlyMap<string, string>,
  where: string,
): GraphWeights {
  const first = `${languagePrefix}.layers.0.self_attn.q_proj.weight`;
  const plain = known.get(`${first}.transposed`);
  const precision: Precision | undefined = known.has(`${first}.q4`)
    ? "q4"
    : known.has(`${first}.q8`)
      ? "q8"
      : known.has(`${first}.int8`)
        ? "int8"
        : plain && (plain.dataType === 10 ? "float16" : "float32");
  if (precision === undefined) throw otherWeights(`no ${first} in a known form`, where);
  const [external] = [...known.values()].flatMap((tensor) => externalDataOf(tensor, where) ?? []);
  if (external === undefined) throw otherWeights("weights inside the graph", where);
  const [product = ""] = products.values();
  const accuracyLevel = product.includes("accuracy_level 0") ? 0 : 4;
  const options: WeightOptions = { precision, accuracyLevel };
  return new GraphWeights(new WeightFile<WeightRecipe>(external.location), options);
}

/** Products over quantised weights, and in what blocks and arithmetic. */
function quantizedProducts({ graph }: ModelProto): [weight: string, level: string][] {
  return graph!.node
    .filter(({ opType }) => opType === "MatMulNBits")
    .map(({ input, attribute }) => [
      input[1]!,
      attribute
        .map(({ name, i }) => `${name} ${i}`)
        .sort()
        .join(),
    ]);
}

function otherWeights(found: string, where: string): PrumergeError {
  return new PrumergeError("UNSUPPORTED_MODEL", "a decoder's weights are not those of its model", {
    expected: "a decoder that this version converted",
    found,
    where,
  });
}
