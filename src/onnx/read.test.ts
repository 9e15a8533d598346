import { readFileSync } from "node:fs";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { PrumergeError } from "../errors.js";
import { memorySource } from "../tensor/byte-source.js";
import { parseModel, readModel, readModelFrom } from "./read.js";
import { ModelProtoSchema } from "./schema/onnx_pb.js";
import { embeddedBytes } from "./tensor-data.js";

const fixture = (name: string) => new URL(`../../test/fixtures/onnx/${name}`, import.meta.url);
const typed = () => new Uint8Array(readFileSync(fixture("typed-fields.onnx")));

test("every field that holds a tensor's elements gives the bytes that the official package reads", () => {
  const expected: Record<string, string> = JSON.parse(readFileSync(fixture("typed-fields.json"), "utf8"));
  const tensors = parseModel(typed(), "typed").graph!.initializer;
  const found = Object.fromEntries(
    tensors.map((tensor) => [tensor.name, Buffer.from(embeddedBytes(tensor, "typed")).toString("hex")]),
  );
  expect(found).toEqual(expected);
  expect(Object.keys(found)).toHaveLength(17);
});

test("a model is read from a file and from any byte source alike", async () => {
  const fromFile = await readModel(fixture("typed-fields.onnx").pathname);
  const fromMemory = await readModelFrom(memorySource("memory", typed()));
  expect(toBinary(ModelProtoSchema, fromFile)).toEqual(toBinary(ModelProtoSchema, fromMemory));
});

test("fields of later versions survive a round trip, at every level", () => {
  // Hand-made: field 999 (bytes) in the model, 998 (varint) in its graph, 997 (fixed32) in its node.
  const node = new BinaryWriter();
  node.tag(1, WireType.LengthDelimited).string("x").tag(2, WireType.LengthDelimited).string("y");
  node.tag(4, WireType.LengthDelimited).string("Neg").tag(997, WireType.Bit32).fixed32(0xfeedbeef);
  const graph = new BinaryWriter();
  graph.tag(1, WireType.LengthDelimited).bytes(node.finish()).tag(2, WireType.LengthDelimited).string("g");
  graph.tag(998, WireType.Varint).uint64("12345678901234567890");
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(10).tag(7, WireType.LengthDelimited).bytes(graph.finish());
  writer
    .tag(8, WireType.LengthDelimited)
    .bytes(new BinaryWriter().tag(2, WireType.Varint).int64(21).finish());
  writer.tag(999, WireType.LengthDelimited).bytes(new TextEncoder().encode("from the future"));
  const bytes = writer.finish();

  const model = parseModel(bytes, "future");
  expect(model.graph!.node[0]!.opType).toBe("Neg");
  expect(toBinary(ModelProtoSchema, model)).toEqual(bytes);
});

describe("refuses", () => {
  const lengthDelimited = (field: number, bytes: Uint8Array) =>
    new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
  const inGraph = (bytes: Uint8Array) => {
    const operatorSet = lengthDelimited(8, new Uint8Array([0x10, 17]));
    return Buffer.concat([operatorSet, lengthDelimited(7, bytes)]);
  };

  test("nothing at all", () => refusal("INVALID_FILE", () => parseModel(new Uint8Array(0), "empty")));

  test("other files", async () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    await refusal("INVALID_FILE", () => parseModel(png, "picture.png"));
    await refusal("INVALID_FILE", () => parseModel(new TextEncoder().encode('{"a": 1}\n'), "a.json"));
  });

  test("a model cut anywhere, or reads less than all of it", () => {
    const bytes = typed();
    for (let length = 1; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      let tensors = -1;
      try {
        tensors = parseModel(cut, "cut").graph!.initializer.length;
      } catch (error) {
        expect(error).toMatchObject({ code: "INVALID_FILE" });
      }
      // A cut between two top-level fields of the message is a well-formed message: only complete graphs are accepted.
      expect([-1, 17]).toContain(tensors);
    }
  });

  test("or reads a damaged model, and never fails in another way", () => {
    const original = typed();
    const damage = fc.array(fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    let refused = 0;
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = original.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          parseModel(bytes, "damaged");
        } catch (error) {
          expect(PrumergeError.isInstance(error), String(error)).toBe(true);
          refused++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(200);
  });

  test("a length beyond the end", async () => {
    const error = await refusal("INVALID_FILE", () =>
      parseModel(new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0x7f, 1, 2]), "lie"),
    );
    expect(error.message).toMatch(/lie: .*268435455 bytes declared where 2 are left/);
  });

  test("an inner message that reaches beyond its outer one", async () => {
    const bytes = inGraph(new Uint8Array([0x0a, 0x05, 0x22]));
    await refusal("INVALID_FILE", () => parseModel(Buffer.concat([bytes, new Uint8Array(16)]), "overlap"));
  });

  test("a known field in another wire type", async () => {
    const error = await refusal("INVALID_FILE", () =>
      parseModel(inGraph(new Uint8Array([0x78, 0x05])), "mixed"),
    );
    expect(error.message).toContain("field sparse_initializer in wire type 0");
  });

  test("groups, however deep", async () => {
    const error = await refusal("INVALID_FILE", () =>
      parseModel(new Uint8Array(100_000).fill(0x0b), "groups"),
    );
    expect(error.message).toContain("a group, which ONNX has not");
  });

  test("endless nesting", async () => {
    let bytes: Uint8Array = new Uint8Array(0);
    // graph > node > attribute > graph > ...
    for (let level = 0; level < 40; level++)
      bytes = lengthDelimited(1, lengthDelimited(5, lengthDelimited(6, bytes)));
    const error = await refusal("LIMIT_EXCEEDED", () => parseModel(inGraph(bytes), "deep"));
    expect(error.message).toContain("depth at most 60");
  });

  test("more messages than a real model has", async () => {
    // Two bytes in the file for each node.
    const nodes = new Uint8Array(5_000_000);
    for (let at = 0; at < nodes.length; at += 2) nodes[at] = 0x0a;
    const error = await refusal("LIMIT_EXCEEDED", () => parseModel(inGraph(nodes), "many"));
    expect(error.message).toContain("messages at most 2000000");
  });

  test("unknown fields in such numbers, too", async () => {
    const fields = new Uint8Array(5_000_000);
    for (let at = 0; at < fields.length; at += 2) fields[at] = 0x48;
    await refusal("LIMIT_EXCEEDED", () => parseModel(inGraph(fields), "many"));
  });

  test("a string of megabytes", async () => {
    const name = new Uint8Array(2 ** 20 + 1).fill(0x61);
    const error = await refusal("LIMIT_EXCEEDED", () =>
      parseModel(inGraph(lengthDelimited(2, name)), "long"),
    );
    expect(error.message).toContain("stringBytes at most 1048576, found 1048577 in name");
  });

  test("numbers that would swell in memory, packed or not", async () => {
    const packed = lengthDelimited(5, lengthDelimited(7, new Uint8Array(2 ** 23 + 1)));
    await refusal("LIMIT_EXCEEDED", () => parseModel(inGraph(packed), "packed"));
    const single = new Uint8Array(2 * (2 ** 23 + 1)).map((_, at) => (at % 2 === 0 ? 0x38 : 1));
    await refusal("LIMIT_EXCEEDED", () => parseModel(inGraph(lengthDelimited(5, single)), "single"));
  });

  test("a file larger than the cap, before reading it", async () => {
    const source = {
      name: "huge.onnx",
      byteLength: 2 ** 31,
      slice: () => Promise.reject(new Error("must not be read")),
    };
    await refusal("LIMIT_EXCEEDED", () => readModelFrom(source));
  });

  describe("tensors", () => {
    const change = (edit: (tensor: ReturnType<typeof rawTensor>) => void) => {
      const model = fromBinary(ModelProtoSchema, typed());
      edit(model.graph!.initializer.find((tensor) => tensor.name === "raw")!);
      return () => parseModel(toBinary(ModelProtoSchema, model), "changed");
    };
    const rawTensor = () => fromBinary(ModelProtoSchema, typed()).graph!.initializer[0]!;

    test("of negative size", () =>
      refusal(
        "INVALID_FILE",
        change((tensor) => (tensor.dims = [-2n, -3n])),
      ));
    test("of impossible size", () =>
      refusal(
        "LIMIT_EXCEEDED",
        change((tensor) => (tensor.dims = [2n ** 40n, 2n ** 40n])),
      ));
    test("of too many axes", () =>
      refusal(
        "LIMIT_EXCEEDED",
        change((tensor) => (tensor.dims = new Array(33).fill(1n))),
      ));
    test("whose data does not fill them", async () => {
      const error = await refusal(
        "INVALID_FILE",
        change((tensor) => (tensor.dims = [2n, 4n])),
      );
      expect(error.message).toMatch(/tensor "raw": .*expected 32 bytes for \[2, 4\], found 24/);
    });
    test("whose numbers are too few", async () => {
      const model = parseModel(typed(), "typed");
      const tensor = model.graph!.initializer.find((candidate) => candidate.name === "float")!;
      tensor.floatData.pop();
      await refusal("INVALID_FILE", () => embeddedBytes(tensor, "typed"));
    });
  });
});
