import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { memorySource } from "../../tensor/byte-source.js";
import { Notes } from "./notes.js";
import { readPickle } from "./pickle.js";
import { PickleTensor } from "./pickle-values.js";
import { readTensor } from "./read-rows.js";
import type { StoredTensor } from "./tensor-source.js";
import { readTorchTensors } from "./torch-tensors.js";
import { findTensors, readWeightFile } from "./weight-files.js";

const path = (name: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/checkpoints/${name}`, import.meta.url));
const expected: Record<string, { shape: number[]; values: number[] }> = JSON.parse(
  readFileSync(path("expected.json"), "utf8"),
);
const notes = () => new Notes();
const inMemory = (bytes: Uint8Array) => readTorchTensors(memorySource("changed.bin", bytes), notes());

describe("files written by torch.save", () => {
  it("hold their tensors where the directory says, views and parameters included", async () => {
    const tensors = await readWeightFile(path("state.bin"), notes());
    expect([...tensors.keys()]).toEqual(Object.keys(expected).filter((name) => !name.startsWith("module.")));
    for (const [name, tensor] of tensors) {
      expect(tensor.shape).toEqual(expected[name]!.shape);
      if (name === "ids") expect(tensor.type).toBe("int64");
      else expect([...(await readTensor(tensor as StoredTensor))]).toEqual(expected[name]!.values);
    }
    expect(tensors.get("half")!.type).toBe("float16");
    expect(tensors.get("bfloat")!.type).toBe("bfloat16");
  });

  it.each(["module.bin", "no-byteorder.bin", "zip64.bin"])("%s", async (name) => {
    const tensors = await readWeightFile(path(name), notes());
    expect([...tensors.keys()]).toEqual(["weight", "bias"]);
    for (const [key, tensor] of tensors) {
      expect([...(await readTensor(tensor as StoredTensor))]).toEqual(expected[`module.${key}`]!.values);
    }
  });
});

it("shards by their index", async () => {
  const folder = temporaryFolder();
  const shards = { "pytorch_model-1.bin": "state.bin", "pytorch_model-2.bin": "module.bin" };
  const weightMap: Record<string, string> = {};
  for (const [shard, name] of Object.entries(shards)) {
    cpSync(path(name), join(folder, shard));
    for (const tensor of (await readWeightFile(path(name), notes())).keys()) weightMap[tensor] = shard;
  }
  writeFileSync(join(folder, "pytorch_model.bin.index.json"), JSON.stringify({ weight_map: weightMap }));
  const tensors = (await findTensors(folder, notes()))!;
  expect([...tensors.keys()].sort()).toEqual(Object.keys(weightMap).sort());
  expect([...(await readTensor(tensors.get("half") as StoredTensor))]).toEqual(expected.half!.values);
  expect([...(await readTensor(tensors.get("bias") as StoredTensor))]).toEqual(
    expected["module.bias"]!.values,
  );
});

describe("pickles that ask for anything but tensors are refused by name, and nothing runs", () => {
  it.each<[string, RegExp]>([
    ["evil-system.bin", /posix\.system/],
    ["evil-eval.bin", /__builtin__\.eval/],
    ["evil-getattr.bin", /__builtin__\.getattr/],
    ["evil-rebuild.bin", /torch\._utils\._rebuild_tensor\b/],
    ["evil-dictionary.bin", /collections\.OrderedDict/],
    ["evil-protocol0.bin", /opcode 0x/],
    ["complex.bin", /ComplexFloatStorage/],
    ["protocol4.bin", /protocol 4/],
  ])("%s", async (name, message) => {
    expect((await refusal("UNSAFE_PICKLE", () => readWeightFile(path(name), notes()))).message).toMatch(
      message,
    );
    expect(existsSync("/tmp/executed")).toBe(false);
  });

  const pickle = (...parts: (string | number[])[]) =>
    Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part)] : part)));

  const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
  const tensorOfDimensions = (count: number) => {
    const sizes = `(${"K\x01".repeat(count)}t`;
    const storage = `(${text("storage")}ctorch\nFloatStorage\n${text("0")}${text("cpu")}K\x01tQ`;
    return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}K\0${sizes}${sizes}NNtR`;
  };

  it.each<[string, Uint8Array, RegExp]>([
    ["INST", pickle([0x80, 2], "(", "ios\nsystem\n."), /opcode 0x69/],
    ["OBJ", pickle([0x80, 2], "(cos\nsystem\no."), /os\.system/],
    ["EXT1", pickle([0x80, 2, 0x82, 1], "."), /opcode 0x82/],
    ["STACK_GLOBAL", pickle([0x80, 2, 0x93], "."), /opcode 0x93/],
    ["NEWOBJ", pickle([0x80, 2], "ccollections\nOrderedDict\n)", [0x81], "."), /opcode 0x81/],
    ["a call of what is no function", pickle([0x80, 2], "])R."), /no function/],
    ["a call of a storage type", pickle([0x80, 2], "ctorch\nFloatStorage\n)R."), /torch\.FloatStorage/],
    // The same list could be given again and again, and would be copied every time.
    [
      "a dictionary of a list",
      pickle([0x80, 2], "ccollections\nOrderedDict\n]", [0x85], "R."),
      /OrderedDict/,
    ],
    ["a tensor of endless dimensions", pickle([0x80, 2], tensorOfDimensions(65), "."), /rebuild_tensor/],
    ["state on a list", pickle([0x80, 2], "]}b."), /state/],
    ["a reference of another kind", pickle([0x80, 2], "K\x01Q."), /storage/],
    [
      "a name with dots",
      pickle([0x80, 2], "ctorch\n_utils._rebuild_tensor_v2.__globals__\n."),
      /__globals__/,
    ],
  ])("%s", async (_, bytes, message) => {
    expect((await refusal("UNSAFE_PICKLE", () => readPickle(bytes, "x"))).message).toMatch(message);
  });

  it("a tensor of as many dimensions as torch can compute with is none of them", () => {
    expect(readPickle(pickle([0x80, 2], tensorOfDimensions(64), "."), "x")).toBeInstanceOf(PickleTensor);
  });

  it.each<[string, Uint8Array]>([
    ["an early end", pickle([0x80, 2], "]")],
    ["an empty stack", pickle([0x80, 2], ".")],
    ["an end without its mark", pickle([0x80, 2], "t.")],
    ["a forgotten value", pickle([0x80, 2], "h\x07.")],
    ["an item on a number", pickle([0x80, 2], "K\x01]a.")],
    ["an item on a tuple", pickle([0x80, 2], ")K\x01a.")],
    ["half an item", pickle([0x80, 2], "}(K\x01u.")],
    ["text beyond the end", pickle([0x80, 2], "X", [255, 255, 255, 127], "abc.")],
    ["a whole number of 200 bytes", pickle([0x80, 2, 0x8a, 200], "x".repeat(200), ".")],
    ["a name without an end", pickle([0x80, 2], "ctorch")],
  ])("malformed: %s", async (_, bytes) => {
    await refusal("INVALID_FILE", () => readPickle(bytes, "x"));
  });

  it.each<[string, Uint8Array]>([
    ["a stack without end", new Uint8Array(2_100_000).fill(0x5d)],
    ["marks without end", new Uint8Array(2000).fill(0x28)],
    ["operations without end", pickle([0x80, 2], "]", Array(10_000_010).fill([0x4e, 0x61]).flat())],
  ])("absurd: %s", async (_, bytes) => {
    await refusal("LIMIT_EXCEEDED", () => readPickle(bytes, "x"));
  });
});

describe("damaged and other files", () => {
  it.each<[string, RegExp]>([
    ["legacy.bin", /older torch.*safetensors/],
    ["transposed.bin", /strides \[1, 3\].*contiguous/],
    ["big-endian.bin", /little-endian/],
    ["compressed.bin", /compressed/],
    ["plain.safetensors", /not a torch file/],
  ])("%s", async (name, message) => {
    const bytes = readFileSync(path(name));
    expect((await refusal("INVALID_FILE", () => inMemory(bytes))).message).toMatch(message);
  });

  it("an entry that leaves the archive", async () => {
    await refusal("UNSAFE_PATH", () => readWeightFile(path("renamed.bin"), notes()));
  });

  it("cut off anywhere", async () => {
    const bytes = readFileSync(path("module.bin"));
    for (let length = 0; length < bytes.length; length += 7) {
      await refusal("INVALID_FILE", () => inMemory(bytes.subarray(0, length)));
    }
  });

  it("with any one byte of its directory changed: refused, or read as before", async () => {
    for (const name of ["module.bin", "zip64.bin"]) {
      const bytes = readFileSync(path(name));
      const start = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
      const before = [...(await inMemory(bytes)).entries()];
      for (let at = start; at < bytes.length; at++) {
        const changed = Uint8Array.from(bytes);
        changed[at] = changed[at]! ^ 0x55;
        const after = await inMemory(changed).catch((error: unknown) => error);
        if (after instanceof Map) {
          for (const [key, tensor] of before) {
            expect(after.get(key)).toMatchObject({ shape: tensor.shape, type: tensor.type });
          }
        } else {
          await refusal((after as { code: "INVALID_FILE" }).code, () => {
            throw after;
          });
        }
      }
    }
  });

  it("a storage shorter than its tensor", async () => {
    const bytes = Uint8Array.from(readFileSync(path("module.bin")));
    const at = Buffer.from(bytes).indexOf(Buffer.from("cpuq")) + "cpuq".length + 1;
    expect(bytes[at]).toBe(0x4b);
    bytes[at + 1] = bytes[at + 1]! + 1; // the number of elements that the pickle claims
    expect((await refusal("INVALID_FILE", () => inMemory(bytes))).message).toMatch(/storage of 28 bytes/);
  });

  it("an absurdly large directory, before reading it", async () => {
    const bytes = Uint8Array.from(readFileSync(path("zip64.bin")));
    const record = Buffer.from(bytes).indexOf(Buffer.from([0x50, 0x4b, 6, 6]));
    new DataView(bytes.buffer).setBigUint64(record + 32, 10n ** 9n, true);
    await refusal("LIMIT_EXCEEDED", () => inMemory(bytes));
  });
});
