import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSafetensor } from "../../test/support/read-safetensor.js";
import { refusal } from "../../test/support/refusal.js";
import { encodeSafetensors } from "../../test/support/write-safetensors.js";
import { memorySource } from "./byte-source.js";
import { readSafetensorsHeader } from "./safetensors.js";

const fixtures = new URL("../../test/fixtures/checkpoints/", import.meta.url);

/** A file with the given header text and so many bytes of data. */
function file(header: string, dataBytes: number, length = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}
const read = (bytes: Uint8Array) => readSafetensorsHeader(memorySource("weights.safetensors", bytes));
const entry = (start: number, end: number, more: object = {}) => ({
  dtype: "F32",
  shape: [(end - start) / 4],
  data_offsets: [start, end],
  ...more,
});
const json = (tensors: object, dataBytes: number) => file(JSON.stringify(tensors), dataBytes);

describe("a file written by the safetensors library", () => {
  const source = memorySource("plain", readFileSync(new URL("plain.safetensors", fixtures)));
  const expected: Record<string, { shape: number[]; values: number[] }> = JSON.parse(
    readFileSync(new URL("plain.json", fixtures), "utf8"),
  );

  it("lists every tensor, its shape and the metadata", async () => {
    const { tensors, metadata } = await readSafetensorsHeader(source);
    expect([...tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { shape }] of tensors) expect(shape).toEqual(expected[name]!.shape);
    expect([...metadata]).toEqual([["format", "pt"]]);
  });

  it.each(Object.keys(expected).filter((name) => name !== "long"))("gives the values of %s", async (name) => {
    const { tensors } = await readSafetensorsHeader(source);
    expect([...(await readSafetensor(source, tensors.get(name)!))]).toEqual(expected[name]!.values);
  });

  it("refuses to narrow 64-bit integers", async () => {
    const { tensors } = await readSafetensorsHeader(source);
    await refusal("INVALID_FILE", () => readSafetensor(source, tensors.get("long")!));
  });
});

describe("encodeSafetensors", () => {
  it("writes what the reader reads, data aligned to 8 bytes", async () => {
    const bytes = encodeSafetensors(
      new Map([
        ["a", { type: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
        ["b", { type: "BF16", shape: [3], data: Uint16Array.of(0x3f80, 0x4000, 0xc000) }],
      ]),
      { format: "pt" },
    );
    const source = memorySource("written", bytes);
    const { tensors, metadata } = await readSafetensorsHeader(source);
    expect(tensors.get("a")!.start % 8).toBe(0);
    expect(metadata.get("format")).toBe("pt");
    expect([...(await readSafetensor(source, tensors.get("a")!))]).toEqual([1, 2, 3, 4]);
    expect([...(await readSafetensor(source, tensors.get("b")!))]).toEqual([1, 2, -2]);
  });
});

describe("what breaks the format is refused", () => {
  const good = { a: entry(0, 8), b: entry(8, 16) };

  it("accepts the file that the others are made from", async () => {
    expect((await read(json(good, 16))).tensors.size).toBe(2);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(0), /too short/],
    ["a header cut off", json(good, 16).subarray(0, 40), /truncated/],
    ["a header length beyond the file", file("{}", 0, 3), /truncated/],
    ["data cut off", json(good, 12), /truncated/],
    ["bytes after the end", json(good, 20), /after the last/],
    ["no JSON", file("{nonsense", 0), /JSON/],
    ["a list", file("[]", 0), /JSON/],
    ["bytes that are not UTF-8", file("{}", 0).fill(0xff, 8), /JSON/],
    [
      "an unknown element type",
      json({ a: entry(0, 8, { dtype: "F33" }) }, 8),
      /a: unknown element type.*F33/,
    ],
    ["an inherited name as type", json({ a: entry(0, 8, { dtype: "toString" }) }, 8), /element type/],
    ["no type", json({ a: { shape: [2], data_offsets: [0, 8] } }, 8), /element type/],
    ["a negative size", json({ a: entry(0, 8, { shape: [-2] }) }, 8), /shape/],
    ["a broken size", json({ a: entry(0, 8, { shape: [1.5] }) }, 8), /shape/],
    ["nine dimensions", json({ a: entry(0, 4, { shape: Array(9).fill(1) }) }, 4), /shape/],
    ["an absurd size", json({ a: entry(0, 8, { shape: [2 ** 52, 2 ** 52] }) }, 8), /size and shape/],
    ["an end before the begin", json({ a: entry(0, 8, { data_offsets: [8, 0] }) }, 8), /size and shape/],
    ["a range of one number", json({ a: entry(0, 8, { data_offsets: [0] }) }, 8), /data_offsets/],
    ["an overlap", json({ a: entry(0, 8), b: entry(4, 12) }, 12), /b: overlaps/],
    ["a gap", json({ a: entry(0, 8), b: entry(12, 20) }, 20), /b: leaves a gap/],
    ["a range beyond the file", json({ a: entry(0, 8), b: entry(8, 80) }, 16), /truncated/],
    ["an entry that is no object", json({ a: 5 }, 0), /element type/],
    ["metadata that is not text", json({ __metadata__: { a: 1 }, ...good }, 16), /__metadata__/],
  ])("%s", async (_, bytes, message) => {
    expect((await refusal("INVALID_FILE", () => read(bytes))).message).toMatch(message);
  });

  it.each([
    "../x",
    "a/../b",
    "..\\x",
    "/etc/passwd",
    "C:\\x",
    "a\nb",
    "a\0b",
  ])("the name %j", async (name) => {
    await refusal("UNSAFE_PATH", () => read(json({ [name]: entry(0, 8) }, 8)));
  });

  it("accepts dots within a name", async () => {
    expect((await read(json({ "a..b.weight": entry(0, 8) }, 8))).tensors.has("a..b.weight")).toBe(true);
  });

  it.each(["", "x".repeat(513)])("a name of unlikely length", async (name) => {
    await refusal("LIMIT_EXCEEDED", () => read(json({ [name]: entry(0, 8) }, 8)));
  });

  it("a header length that would fill the memory, without allocating it", async () => {
    const bytes = new Uint8Array(8).fill(0xff);
    bytes[7] = 0x0f;
    await refusal("LIMIT_EXCEEDED", () => read(bytes));
    const source = { ...memorySource("huge", file("{}", 0, 2 ** 40)), byteLength: 2 ** 41 };
    await refusal("LIMIT_EXCEEDED", () => readSafetensorsHeader(source));
  });

  it("more tensors than any model has", async () => {
    const many = Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`t${i}`, entry(0, 0)]));
    await refusal("LIMIT_EXCEEDED", () => read(json(many, 0)));
  });
});
