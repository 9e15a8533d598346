import { create } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import { attribute, encodeElements, type PlainAttribute, rename, valueInfo } from "./graph-parts.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type ValueInfoProto,
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

export type Attribute = PlainAttribute | { readonly graph: GraphBuilder };

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
  readonly #prefix: string;
  /** The graph that this one is a part of: a loop's body sees its values. */
  readonly #outer: GraphBuilder | undefined;
  #counter = 0;

  /** @param outer of a body: the graph whose values it sees; all of its own names begin with `name` then */
  constructor(
    readonly name: string,
    outer?: GraphBuilder,
  ) {
    this.#outer = outer;
    this.#prefix = outer === undefined ? "" : `${name}/`;
  }

  /** A part of this graph, to be an attribute of one of its nodes; it sees this graph's values by {@link seen}. */
  body(kind: string): GraphBuilder {
    return new GraphBuilder(`${this.#prefix}${kind}_${this.#counter++}`, this);
  }

  /** A value of the graph that this one is a part of, for operators in here. */
  seen(value: Value): Value {
    if (this.#outer !== undefined) this.#outer.#own(value);
    return { ...value, graph: this };
  }

  input(name: string, type: ElementType, shape: Shape): Value {
    const value = this.#declare(`${this.#prefix}${name}`, type, shape);
    this.#inputs.push(valueInfo(value));
    return value;
  }

  /**
   * Gives a computed value the name of a graph output. The node that computes it writes there itself: an Identity would
   * be run last, and keep the value twice until then. Inputs, weights and values with two such names do need one.
   */
  output(name: string, value: Value): void {
    this.#own(value);
    const result = this.#declare(`${this.#prefix}${name}`, value.type, value.shape);
    if (this.#computed.has(value.name) && !this.#renamed.has(value.name)) {
      this.#renamed.set(value.name, result.name);
    } else {
      const node = {
        opType: "Identity",
        input: [value.name],
        output: [result.name],
        name: `out/${result.name}`,
      };
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
    const name = `${this.#prefix}const/${type}/${shape.join("x")}/${data.length <= 8 ? data.join(",") : `#${this.#counter++}`}`;
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    this.#initializers.set(
      name,
      create(TensorProtoSchema, {
        name,
        dataType: elementTypes[type].code,
        dims: shape.map(BigInt),
        rawData: encodeElements(type, data),
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
    const id = `${this.#prefix}${opType}_${this.#counter++}`;
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
          value === undefined ? [] : [this.#attribute(name, value)],
        ),
      }),
    );
    return results;
  }

  build(): ModelProto {
    return create(ModelProtoSchema, {
      irVersion,
      producerName: "prumerge",
      opsetImport: [
        { domain: "", version: opsetVersion },
        { domain: "com.microsoft", version: 1n },
      ],
      graph: this.#proto(),
    });
  }

  #proto(): GraphProto {
    rename(this.#nodes, this.#renamed);
    return create(GraphProtoSchema, {
      name: this.name,
      node: this.#nodes,
      input: this.#inputs,
      output: this.#outputs,
      initializer: [...this.#initializers.values()],
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

  #attribute(name: string, value: Attribute): AttributeProto {
    if (typeof value !== "object" || !("graph" in value)) return attribute(name, value);
    return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: value.graph.#proto() });
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
