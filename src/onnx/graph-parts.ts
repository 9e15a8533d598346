import { create } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./schema/onnx_pb.js";
import type { Shape } from "./shape.js";
import { type ElementType, elementTypes } from "./types.js";

export type PlainAttribute = number | bigint | string | readonly number[] | { readonly float: number };

/** Gives values of a graph other names, also in its bodies, which see them. */
export function rename(nodes: readonly NodeProto[], names: ReadonlyMap<string, string>): void {
  const finalName = (name: string) => names.get(name) ?? name;
  for (const node of nodes) {
    node.input = node.input.map(finalName);
    node.output = node.output.map(finalName);
    for (const { g } of node.attribute) if (g !== undefined) rename(g.node, names);
  }
}

/** What a graph says of one of its inputs or outputs. */
export function valueInfo({
  name,
  type,
  shape,
}: {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}): ValueInfoProto {
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

/** One attribute of a node. */
export function attribute(name: string, value: PlainAttribute): AttributeProto {
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

/** Elements of a small constant as a tensor stores them. */
export function encodeElements(type: ElementType, data: readonly (number | bigint)[]): Uint8Array {
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
