import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { pictureFixture } from "../../test/support/pictures.js";
import type { ErrorCode } from "../errors.js";
import { decodePicture, type PictureSource } from "./decode.js";

const path = (name: string) => fileURLToPath(pictureFixture(name));
const folder = mkdtempSync(join(tmpdir(), "prumerge-image-"));
afterAll(() => rmSync(folder, { recursive: true }));

const refusal = (code: ErrorCode, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

/** A TIFF of 2 x 1 pixels with 8-bit channels, those beyond the colour space's own unspecified. */
function tiff(colourSpace: number, channels: number): Uint8Array {
  const own = { 1: 1, 2: 3, 5: 4 }[colourSpace]!;
  const [short, long] = [3, 4];
  const list = (values: number[]) => Buffer.from(Uint16Array.from(values).buffer);
  const bits = list(Array.from({ length: channels }, () => 8));
  const extra = list(Array.from({ length: channels - own }, () => 0));
  const entries = (offset: number): number[][] => [
    [256, short, 1, 2], // width
    [257, short, 1, 1], // height
    [258, short, channels, offset], // bits per channel
    [259, short, 1, 1], // not compressed
    [262, short, 1, colourSpace],
    [273, long, 1, offset + bits.length + extra.length], // where the pixels begin
    [277, short, 1, channels],
    [279, long, 1, 2 * channels], // bytes of pixels
    // Two of them fit into the entry itself.
    [338, short, channels - own, extra.length > 4 ? offset + bits.length : 0],
  ];
  const count = entries(0).length;
  const head = Buffer.alloc(8 + 2 + count * 12 + 4);
  head.write("II*\0", "latin1");
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(count, 8);
  entries(head.length).forEach(([tag, type, length, value], i) => {
    head.writeUInt16LE(tag!, 10 + i * 12);
    head.writeUInt16LE(type!, 12 + i * 12);
    head.writeUInt32LE(length!, 14 + i * 12);
    head.writeUInt32LE(value!, 18 + i * 12);
  });
  return Buffer.concat([head, bits, extra, Buffer.alloc(2 * channels, 100)]);
}

describe("decodePicture takes", () => {
  const expected = readFileSync(path("rgb.png"));

  it("bytes, buffers, blobs, URLs, names of another kind and pixels alike", async () => {
    const reference = await decodePicture(path("rgb.png"));
    const misnamed = join(folder, "holiday.txt");
    symlinkSync(path("rgb.png"), misnamed);
    const sources: PictureSource[] = [
      pictureFixture("rgb.png"),
      pictureFixture("rgb.png").href,
      misnamed,
      expected,
      new Uint8Array(expected),
      new Uint8Array(expected).buffer,
      new Blob([new Uint8Array(expected)]),
      reference,
      { ...reference, data: new Uint8ClampedArray(reference.data) },
    ];
    for (const source of sources) expect(await decodePicture(source)).toEqual(reference);
  });

  it("a browser's RGBA pixels, on white or with alpha dropped", async () => {
    const raw = { width: 2, height: 1, data: new Uint8ClampedArray([10, 20, 30, 255, 40, 50, 60, 0]) };
    expect([...(await decodePicture(raw)).data]).toEqual([10, 20, 30, 255, 255, 255]);
    expect([...(await decodePicture(raw, { alpha: "drop" })).data]).toEqual([10, 20, 30, 40, 50, 60]);
  });
});

describe("decodePicture refuses", () => {
  it.each<[string, ErrorCode, RegExp]>([
    ["bad/truncated.jpg", "INVALID_IMAGE", /JPEG file is damaged/],
    ["bad/header-only.jpg", "INVALID_IMAGE", /JPEG file is damaged/],
    ["bad/truncated.png", "INVALID_IMAGE", /PNG file is damaged/],
    ["bad/flipped-bit.png", "INVALID_IMAGE", /PNG file is damaged/],
    ["bad/truncated.webp", "INVALID_IMAGE", /WebP file is damaged/],
    ["bad/truncated.gif", "INVALID_IMAGE", /GIF file is damaged/],
    ["bad/empty.png", "INVALID_IMAGE", /empty file.*0 bytes/],
    ["bad/text.png", "INVALID_IMAGE", /expected JPEG.*found text/],
    ["bad/page.jpg", "INVALID_IMAGE", /found an HTML page/],
    ["bad/drawing.svg", "INVALID_IMAGE", /found SVG/],
    ["bad/bitmap.bmp", "INVALID_IMAGE", /found BMP/],
    ["bad/document.pdf", "INVALID_IMAGE", /found PDF/],
    ["bad/bomb.png", "LIMIT_EXCEEDED", /too many pixels.*100000000.*100000 x 100000/],
    ["bad/strip.png", "LIMIT_EXCEEDED", /side is too long.*65535.*1000000 x 1/],
    ["bad/bomb.gif", "LIMIT_EXCEEDED", /too many pixels.*65000 x 65000/],
    ["bad", "INVALID_IMAGE", /folder is no picture/],
    ["bad/absent.png", "NOT_FOUND", /no such picture/],
    ["rgb.png/absent.png", "NOT_FOUND", /no such picture/],
  ])("%s with %s", async (name, code, message) => {
    const source = path(name);
    await expect(decodePicture(source)).rejects.toThrow(refusal(code, message));
    await expect(decodePicture(source)).rejects.toThrow(source);
  });

  it("a file over the limit without reading it, and an endless one at the limit", async () => {
    await expect(decodePicture(path("rgb.png"), { maxBytes: 1114 })).rejects.toThrow(
      refusal("LIMIT_EXCEEDED", /at most 1114 bytes, found 1115 bytes/),
    );
    await expect(decodePicture("/dev/zero", { maxBytes: 100_000 })).rejects.toThrow(
      refusal("LIMIT_EXCEEDED", /at most 100000 bytes, found more/),
    );
    const bytes = new Uint8Array(20);
    await expect(decodePicture(bytes, { maxBytes: 19 })).rejects.toThrow(
      refusal("LIMIT_EXCEEDED", /found 20 bytes/),
    );
    await expect(decodePicture(new Blob([bytes]), { maxBytes: 19 })).rejects.toThrow(
      refusal("LIMIT_EXCEEDED", /19/),
    );
  });

  it("a file that cannot be read, naming why", async () => {
    const loop = join(folder, "loop.png");
    symlinkSync(loop, loop);
    await expect(decodePicture(loop)).rejects.toThrow(refusal("INVALID_IMAGE", /cannot be read.*ELOOP/));
  });

  it.each([
    ["grey", 1, 3],
    ["RGB", 2, 5],
    ["CMYK", 5, 6],
  ])("TIFF channels beyond colour and transparency: %s", async (name, colourSpace, channels) => {
    const file = join(folder, `${name}.tiff`);
    writeFileSync(file, tiff(colourSpace, channels));
    await expect(decodePicture(file)).rejects.toThrow(refusal("INVALID_IMAGE", /channel/));
    await expect(decodePicture(file)).rejects.toThrow(file);
  });

  it("pixels that do not fit their size", async () => {
    const data = new Uint8Array(12);
    await expect(decodePicture({ width: 2, height: 3, data })).rejects.toThrow(
      refusal("INVALID_IMAGE", /12 bytes/),
    );
    await expect(decodePicture({ width: -2, height: 2, data })).rejects.toThrow(
      refusal("INVALID_IMAGE", /whole sides/),
    );
    await expect(decodePicture({ width: 2, height: 2, data: [1] as never })).rejects.toThrow(
      refusal("INVALID_IMAGE", /Uint8Array/),
    );
    await expect(decodePicture({ width: 2, height: 2, data }, { maxPixels: 3 })).rejects.toThrow(
      refusal("LIMIT_EXCEEDED", /at most 3/),
    );
  });

  it.each([
    ["https://example.org/cat.jpg", /not fetched/],
    [new URL("https://example.org/cat.jpg"), /not fetched/],
    ["data:image/png;base64,AAAA", /not fetched/],
    ["file://elsewhere/cat.jpg", /local file/],
    ["", /not a path/],
    ["a\0b", /not a path/],
    [null as never, /expected a path.*found null/],
    [7 as never, /found number/],
  ])("%j as a source", async (source, message) => {
    await expect(decodePicture(source)).rejects.toThrow(refusal("INVALID_OPTION", message));
  });

  it("limits out of range, and work after an abort", async () => {
    const source = path("rgb.png");
    await expect(decodePicture(source, { maxBytes: 0 })).rejects.toThrow(
      refusal("INVALID_OPTION", /maxBytes/),
    );
    await expect(decodePicture(source, { maxPixels: 1.5 })).rejects.toThrow(
      refusal("INVALID_OPTION", /maxPixels/),
    );
    await expect(decodePicture(source, { alpha: "black" as never })).rejects.toThrow(
      refusal("INVALID_OPTION", /white/),
    );
    await expect(decodePicture(source, { signal: AbortSignal.abort() })).rejects.toThrow(
      refusal("ABORTED", /aborted/),
    );
  });
});
