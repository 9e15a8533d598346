import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { PrumergeError } from "../errors.js";
import type { OnnxLimits } from "./limits.js";

/**
 * Walks the wire format of a message without decoding it and refuses what breaks the format or a limit, so that a small
 * hostile file cannot make the decoder allocate much.
 *
 * @throws PrumergeError INVALID_FILE or LIMIT_EXCEEDED
 */
export function scanMessage(bytes: Uint8Array, schema: DescMessage, name: string, limits: OnnxLimits): void {
  new Scanner(bytes, name, limits).run(schema);
}

type Fields = ReadonlyMap<number, DescField>;

class Scanner {
  readonly #reader: BinaryReader;
  readonly #fields = new Map<DescMessage, Fields>();
  readonly #counts = { messages: 0, numbers: 0 };

  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
    readonly limits: OnnxLimits,
  ) {
    this.#reader = new BinaryReader(bytes);
  }

  run(schema: DescMessage): void {
    try {
      this.#message(schema, this.bytes.byteLength, 1);
    } catch (cause) {
      if (PrumergeError.isInstance(cause)) throw cause;
      throw this.#broken(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #message(schema: DescMessage, end: number, depth: number): void {
    this.#count("messages", 1);
    if (depth > this.limits.depth) throw this.#exceeded("depth", depth);
    const fields = this.#fieldsOf(schema);
    const reader = this.#reader;
    while (reader.pos < end) {
      const [number, wire] = reader.tag();
      if (wire === WireType.StartGroup || wire === WireType.EndGroup)
        throw this.#broken("a group, which ONNX has not");
      const field = fields.get(number);
      if (field === undefined) this.#count("messages", 1);
      else if (!fits(field, wire)) throw this.#broken(`field ${field.name} in wire type ${wire}`);
      if (wire === WireType.LengthDelimited) this.#delimited(field, end, depth);
      else {
        reader.skip(wire);
        if (field?.fieldKind === "list") this.#count("numbers", 1);
      }
    }
    if (reader.pos !== end) throw this.#broken("a field reaches beyond its message");
  }

  #delimited(field: DescField | undefined, end: number, depth: number): void {
    const reader = this.#reader;
    const length = reader.uint32();
    const to = reader.pos + length;
    if (to > end) throw this.#broken(`${length} bytes declared where ${end - reader.pos} are left`);
    if (field?.message !== undefined) {
      this.#message(field.message, to, depth + 1);
      return;
    }
    if (field?.scalar === ScalarType.STRING && length > this.limits.stringBytes) {
      throw this.#exceeded("stringBytes", length, field.name);
    }
    if (field?.fieldKind === "list") this.#count("numbers", this.#elements(field, reader.pos, to));
    reader.pos = to;
  }

  /** Elements of a packed list; 1 for a string or bytes. */
  #elements(field: DescField, from: number, to: number): number {
    switch (field.scalar) {
      case ScalarType.STRING:
      case ScalarType.BYTES:
        return 1;
      case ScalarType.FLOAT:
        return (to - from) / 4;
      case ScalarType.DOUBLE:
        return (to - from) / 8;
      default: {
        let count = 0;
        for (let at = from; at < to; at++) if (this.bytes[at]! < 0x80) count++;
        return count;
      }
    }
  }

  #count(what: "messages" | "numbers", more: number): void {
    this.#counts[what] += more;
    if (this.#counts[what] > this.limits[what]) throw this.#exceeded(what, this.#counts[what]);
  }

  #fieldsOf(schema: DescMessage): Fields {
    let fields = this.#fields.get(schema);
    if (fields === undefined) {
      fields = new Map(schema.fields.map((field) => [field.number, field]));
      this.#fields.set(schema, fields);
    }
    return fields;
  }

  #broken(found: string, cause?: unknown): PrumergeError {
    return new PrumergeError("INVALID_FILE", "not a well-formed ONNX model", {
      where: this.name,
      found: `${found}, at byte ${this.#reader.pos}`,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #exceeded(limit: keyof OnnxLimits, found: number, field?: string): PrumergeError {
    return new PrumergeError("LIMIT_EXCEEDED", "the ONNX model exceeds a cap that protects memory", {
      where: this.name,
      expected: `${limit} at most ${this.limits[limit]}`,
      found: field === undefined ? `${found} or more` : `${found} in ${field}`,
    });
  }
}

/** The decoder trusts the schema rather than the wire type, so the two must agree. */
function fits(field: DescField, wire: WireType): boolean {
  if (wire === WireType.LengthDelimited && field.fieldKind === "list") return true;
  switch (field.scalar) {
    case undefined:
      return wire === (field.message === undefined ? WireType.Varint : WireType.LengthDelimited);
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return wire === WireType.LengthDelimited;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return wire === WireType.Bit32;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return wire === WireType.Bit64;
    default:
      return wire === WireType.Varint;
  }
}
