import { create } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./schema/onnx_pb.js";
import { elementCount, type Shape, showShape } from "./shape.js";
import { type ElementType, elementTypes } from "./types.js";
import type { WeightFile } from "./weight-file.js";

/** A tensor that flows through a graph under construction. */
export interface Value {
  readonly graph: GraphBuilder;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** Contents of small integer constants, so that shapes can be checked at build time. */
  readonly constant?: readonly number[];
}

export type Attribute = number | bigint | string | readonly number[] | { readonly float: number };

export interface NodeOptions {
  readonly domain?: "" | "com.microsoft";
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>;
}

/** Type and shape of a node's output, as its operator function computed them. */
export interface OutputSpec {
  readonly type: ElementType;
  readonly shape: Shape;
  /** An optional output that is not asked for: it gets no name, and its value must not be used. */
  readonly unused?: true;
}

const irVersion = 10n;
const opsetVersion = 21n;

/**
 * Collects nodes, inputs, outputs and weights of one ONNX graph. Operators are functions over values (see `ops/`), each
 * of which checks types and shapes before it adds its node, so that a wrong graph fails where it is written.
 *
 * @example
 * ```ts
 * const graph = new GraphBuilder("double");
 * const x = graph.input("x", "float32", ["rows", 4]);
 * graph.output("y", add(x, x));
 * const model = graph.build();
 * ```
 */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #initializers = new Map<string, TensorProto>();
  readonly #values = new Map<string, Value>();
  /** External data files by the names of the weights that lie in them. */
  readonly #weightFiles = new Map<string, string>();
  /** Names of values that nodes compute, and what those that are graph outputs are called in the end. */
  readonly #computed = new Set<string>();
  readonly #renamed = new Map<string, string>();
  #counter = 0;

  constructor(readonly name: string) {}

  input(name: string, type: ElementType, shape: Shape): Value {
    const value = this.#declare(name, type, shape);
    this.#inputs.push(valueInfo(value));
    return value;
  }

  /**
   * Gives a computed value the name of a graph output. The node that computes it writes there itself: an Identity would
   * be run last, and keep the value twice until then. Inputs, weights and values with two such names do need one.
   */
  output(name: string, value: Value): void {
    this.#own(value);
    const result = this.#declare(name, value.type, value.shape);
    if (this.#computed.has(value.name) && !this.#renamed.has(value.name)) {
      this.#renamed.set(value.name, name);
    } else {
      const node = { opType: "Identity", input: [value.name], output: [name], name: `out/${name}` };
      this.#nodes.push(create(NodeProtoSchema, node));
    }
    this.#outputs.push(valueInfo(result));
  }

  /** A small constant, held inside the graph file. Integers of rank 0 or 1 keep their contents for shape checks. */
  constant(type: ElementType, shape: readonly number[], data: readonly (number | bigint)[]): Value {
    const count = elementCount("constant", shape);
    if (count !== data.length) {
      throw new PrumergeError("INVALID_TENSOR", "a constant's data does not fill its shape", {
        expected: `${count} elements for ${showShape(shape)}`,
        found: `${data.length}`,
      });
    }
    const name = `const/${type}/${shape.join("x")}/${data.length <= 8 ? data.join(",") : `#${this.#counter++}`}`;
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    this.#initializers.set(
      name,
      create(TensorProtoSchema, {
        name,
        dataType: elementTypes[type].code,
        dims: shape.map(BigInt),
        rawData: encode(type, data),
      }),
    );
    const small = type === "int64" || type === "int32" ? { constant: data.map(Number) } : {};
    return this.#declare(name, type, shape, small);
  }

  /**
   * A weight in an external data file, placed once per key however many graphs name it.
   *
   * @throws PrumergeError INVALID_TENSOR where the key names another value, or a weight of another type, shape or file
   */
  weight<Recipe>(
    file: WeightFile<Recipe>,
    key: string,
    type: ElementType,
    shape: readonly number[],
    recipe: Recipe,
  ): Value {
    const known = this.#values.get(key);
    if (known !== undefined)
      return this.#knownWeight(known, `a weight ${type} ${showShape(shape)} in ${file.location}`);
    const byteLength = elementCount(key, shape) * elementTypes[type].bytes;
    const { offset } = file.place(key, byteLength, recipe);
    this.#initializers.set(
      key,
      create(TensorProtoSchema, {
        name: key,
        dataType: elementTypes[type].code,
        dims: shape.map(BigInt),
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: [
          { key: "location", value: file.location },
          { key: "offset", value: String(offset) },
          { key: "length", value: String(byteLength) },
        ],
      }),
    );
    this.#weightFiles.set(key, file.location);
    return this.#declare(key, type, shape);
  }

  /** Adds one node; `inputs` may hold `undefined` for an omitted optional input. */
  node(
    opType: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly OutputSpec[],
    options: NodeOptions = {},
  ): Value[] {
    const id = `${opType}_${this.#counter++}`;
    for (const input of inputs) if (input !== undefined) this.#own(input);
    const results = outputs.map(({ type, shape, unused }, index): Value => {
      if (unused) return { graph: this, name: "", type, shape };
      const name = outputs.length === 1 ? id : `${id}:${index}`;
      this.#computed.add(name);
      return this.#declare(name, type, shape);
    });
    this.#nodes.push(
      create(NodeProtoSchema, {
        opType,
        name: id,
        domain: options.domain ?? "",
        input: inputs.map((input) => input?.name ?? ""),
        output: results.map((result) => result.name),
        attribute: Object.entries(options.attributes ?? {}).flatMap(([name, value]) =>
          value === undefined ? [] : [attribute(name, value)],
        ),
      }),
    );
    return results;
  }

  build(): ModelProto {
    const finalName = (name: string) => this.#renamed.get(name) ?? name;
    for (const node of this.#nodes) {
      node.input = node.input.map(finalName);
      node.output = node.output.map(finalName);
    }
    return create(ModelProtoSchema, {
      irVersion,
      producerName: "prumerge",
      opsetImport: [
        { domain: "", version: opsetVersion },
        { domain: "com.microsoft", version: 1n },
      ],
      graph: {
        name: this.name,
        node: this.#nodes,
        input: this.#inputs,
        output: this.#outputs,
        initializer: [...this.#initializers.values()],
      },
    });
  }

  #knownWeight(value: Value, expected: string): Value {
    const file = this.#weightFiles.get(value.name);
    const kind = `${value.type} ${showShape(value.shape)}`;
    const found = file === undefined ? `a value ${kind}` : `a weight ${kind} in ${file}`;
    if (found === expected) return value;
    throw new PrumergeError("INVALID_TENSOR", "a weight's name stands for something else", {
      where: `${this.name}: ${value.name}`,
      expected,
      found,
    });
  }

  #declare(name: string, type: ElementType, shape: Shape, extra: Partial<Value> = {}): Value {
    if (this.#values.has(name)) {
      throw new PrumergeError("INVALID_TENSOR", "a value name is taken", { found: name, where: this.name });
    }
    const value: Value = { graph: this, name, type, shape, ...extra };
    this.#values.set(name, value);
    return value;
  }

  #own(value: Value): void {
    if (value.graph !== this) {
      throw new PrumergeError("INVALID_TENSOR", "a value of another graph was used", {
        found: value.name,
        where: this.name,
      });
    }
  }
}

function valueInfo({ name, type, shape }: Value): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: elementTypes[type].code,
          shape: {
            dim: shape.map((dim) => ({
              value:
                typeof dim === "number"
                  ? { case: "dimValue" as const, value: BigInt(dim) }
                  : { case: "dimParam" as const, value: dim },
            })),
          },
        },
      },
    },
  });
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === "string") {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if ("float" in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function encode(type: ElementType, data: readonly (number | bigint)[]): Uint8Array {
  switch (type) {
    case "float32":
      return new Uint8Array(Float32Array.from(data, Number).buffer);
    case "int64":
      return new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
    case "int32":
      return new Uint8Array(Int32Array.from(data, Number).buffer);
    case "uint8":
    case "bool":
      return Uint8Array.from(data, Number);
    case "int8":
      return new Uint8Array(Int8Array.from(data, Number).buffer);
    case "float16":
      throw new PrumergeError("INVALID_TENSOR", "small constants are written as float32 and cast", {
        found: type,
      });
  }
}
