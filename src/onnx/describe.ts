import { PrumergeError } from "../errors.js";
import { externalDataOf } from "./external-data.js";
import {
  TensorProto_DataType as DataType,
  type ModelProto,
  type TensorProto,
  type ValueInfoProto,
} from "./schema/onnx_pb.js";
import type { Shape } from "./shape.js";
import { nodesOf, tensorsOf } from "./walk.js";

/** An input or output of a graph. */
export interface GraphPort {
  readonly name: string;
  /** Element type in lower case, e.g. `float` or `int64`; undefined for sequences, maps and optionals. */
  readonly type: string | undefined;
  /** Sizes, names of sizes, `?` where nothing is said; undefined where not even the rank is known. */
  readonly shape: Shape | undefined;
}

/** What a model says about itself. */
export interface ModelDescription {
  readonly producer: string;
  readonly irVersion: number;
  /** Operator set versions by domain, "" for ONNX's own. */
  readonly operatorSets: Readonly<Record<string, number>>;
  /** Inputs to be fed: initializers that are listed among the inputs are left out. */
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** Number of nodes by operator, those in subgraphs and functions too. */
  readonly operators: ReadonlyMap<string, number>;
  /** External data files, as the model names them. */
  readonly externalFiles: readonly string[];
}

/** @param name for error messages */
export function describeModel(model: ModelProto, name = "model"): ModelDescription {
  const operators = new Map<string, number>();
  for (const { opType } of nodesOf(model)) operators.set(opType, (operators.get(opType) ?? 0) + 1);
  const files = new Set<string>();
  for (const tensor of tensorsOf(model)) {
    const external = externalDataOf(tensor, name);
    if (external !== undefined) files.add(external.location);
  }
  const initializers = new Set(model.graph?.initializer.map((tensor) => tensor.name));
  return {
    producer: model.producerName,
    irVersion: Number(model.irVersion),
    operatorSets: Object.fromEntries(
      model.opsetImport.map(({ domain, version }) => [domain, Number(version)]),
    ),
    inputs: (model.graph?.input ?? []).filter((input) => !initializers.has(input.name)).map(port),
    outputs: (model.graph?.output ?? []).map(port),
    operators,
    externalFiles: [...files],
  };
}

/** @throws PrumergeError NOT_FOUND */
export function findInitializer(model: ModelProto, name: string): TensorProto {
  const tensor = model.graph?.initializer.find((candidate) => candidate.name === name);
  if (tensor !== undefined) return tensor;
  throw new PrumergeError("NOT_FOUND", "no such initializer", { found: name });
}

function port({ name, type }: ValueInfoProto): GraphPort {
  if (type?.value.case !== "tensorType") return { name, type: undefined, shape: undefined };
  const { elemType, shape } = type.value.value;
  return {
    name,
    type: DataType[elemType]?.toLowerCase(),
    shape: shape?.dim.map(({ value }) =>
      value.case === "dimValue" ? Number(value.value) : value.value === undefined ? "?" : value.value || "?",
    ),
  };
}
