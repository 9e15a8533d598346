import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { largestDifference, pictureCases } from "../../test/support/pictures.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { decodePicture } from "./decode.js";
import { parsePreprocessing } from "./parse-preprocessing.js";
import { preprocess } from "./preprocess.js";
import type { PreprocessSpec } from "./preprocess-spec.js";

interface Case {
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly source: [number, number];
  readonly side: number;
  readonly offset: number;
}

const { cases, bytes } = pictureCases<Case>("preprocess");

function load({ source: [width, height], side, offset }: Case) {
  const end = offset + width * height * 3;
  const values = Math.ceil(end / 4) * 4;
  return {
    picture: { width, height, data: bytes.subarray(offset, end) },
    expected: new Float32Array(bytes.buffer, values, 3 * side * side),
  };
}

const plain: PreprocessSpec = {
  size: 4,
  aspect: "crop",
  shortestEdge: 4,
  resample: "bicubic",
  rescale: 1,
  mean: [0.5, 0.25, 0],
  deviation: [1, 1, 1],
};

const blank = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3),
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("preprocess", () => {
  it.each(cases)("equals transformers on Pillow: $name of $source", (entry) => {
    const { picture, expected } = load(entry);
    const pixels = preprocess(picture, parsePreprocessing(entry.config));
    const [view] = pixels.views;
    expect([view!.height, view!.width]).toEqual([entry.side, entry.side]);
    expect(largestDifference(view!.data, expected)).toBeLessThanOrEqual(1e-6);
  });

  it.each([
    ["goldens/llava/tiny-llava-llama", "/preprocessor_config.json", ".tensors.safetensors", {}],
    ["goldens/llava/tiny-llava-gqa-tied", "/preprocessor_config.json", ".tensors.safetensors", {}],
    ["goldens/llava/tiny-llava-siglip-qwen2", "/preprocessor_config.json", ".tensors.safetensors", {}],
    ["image/lora-a", ".preprocessor_config.json", ".safetensors", { aspect: "pad" }],
  ] as const)("equals what the official programs recorded: %s", async (name, config, tensors, options) => {
    const file = (ending: string) => new URL(`../../test/fixtures/${name}${ending}`, import.meta.url);
    const spec = parsePreprocessing(JSON.parse(readFileSync(file(config), "utf8")));
    const pixels = preprocess(await decodePicture(file(".png")), spec, options);
    const recorded = floats(readFixture(file(tensors)), "pixel_values");
    expect(largestDifference(pixels.views[0]!.data, recorded)).toBeLessThanOrEqual(1e-6);
  });

  it("gives an override what the checkpoint's own setting gives", () => {
    const padded = cases.filter(({ name }) => name === "llava-pad");
    expect(padded.length).toBeGreaterThan(3);
    for (const entry of padded) {
      const { picture, expected } = load(entry);
      const spec = parsePreprocessing({ ...entry.config, do_pad: false });
      expect(
        largestDifference(preprocess(picture, spec, { aspect: "pad" }).views[0]!.data, expected),
      ).toBeLessThanOrEqual(1e-6);
    }
  });

  it.each([
    ["crop of a wide picture", blank(12, 8), {}, { x: 2, y: 0, width: 8, height: 8 }],
    ["crop of a tall picture", blank(8, 12), {}, { x: 0, y: 2, width: 8, height: 8 }],
    ["pad of a wide picture", blank(12, 7), { aspect: "pad" }, { x: 0, y: -2, width: 12, height: 12 }],
    ["pad of a tall picture", blank(7, 12), { aspect: "pad" }, { x: -2, y: 0, width: 12, height: 12 }],
    ["stretch", blank(12, 7), { aspect: "stretch" }, { x: 0, y: 0, width: 12, height: 7 }],
    ["an edge below the square", blank(8, 8), { shortestEdge: 2 }, { x: -4, y: -4, width: 16, height: 16 }],
  ] as const)("tells where the square lies: %s", (_, picture, change, view) => {
    expect(preprocess(picture, { ...plain, ...change }).views[0]!.rectangle).toEqual(view);
  });

  it("pads with the mean's colour, also where the mean is not subtracted", () => {
    const mean = {
      image_mean: [0.48145466, 0.4578275, 0.40821073],
      size: { shortest_edge: 8 },
      crop_size: 8,
    };
    const config = { image_processor_type: "LlavaImageProcessor", do_pad: true, ...mean };
    const spec = parsePreprocessing({ ...config, do_normalize: false });
    const { data } = preprocess(blank(8, 2), spec).views[0]!;
    // As transformers does: int(255 x mean), then only scaled.
    const corner = [0, 64, 128].map((at) => Math.round(data[at]! * 255));
    expect(corner).toEqual([122, 116, 104]);
    expect(parsePreprocessing(config)).not.toHaveProperty("fill");
  });

  it("stays small for the most extreme shapes", () => {
    const between = { bytes: 0 };
    class Counted extends Uint8ClampedArray<ArrayBuffer> {
      constructor(source: number | ArrayBuffer, offset?: number, length?: number) {
        super(source as ArrayBuffer, offset, length);
        if (typeof source === "number") between.bytes += source;
      }
    }
    vi.stubGlobal("Uint8ClampedArray", Counted);
    const spec = { ...plain, size: 336, shortestEdge: 336 };
    for (const aspect of ["crop", "pad", "stretch"] as const) {
      for (const [width, height] of [
        [1, 65_535],
        [65_535, 1],
      ] as const) {
        between.bytes = 0;
        preprocess(blank(width, height), spec, { aspect });
        // The passes' results; the tower's square alone takes 340 kB.
        expect(between.bytes, `${aspect} ${width}`).toBeGreaterThan(100_000);
        expect(between.bytes, `${aspect} ${width}`).toBeLessThan(2_000_000);
      }
    }
  });

  it("refuses an unknown aspect and pictures that are not what they say", () => {
    expect(() => preprocess(blank(2, 2), plain, { aspect: "square" as never })).toThrow(
      /one of crop, pad, stretch, anyres, native, found "square"/,
    );
    expect(() => preprocess({ ...blank(2, 2), width: 3 }, plain)).toThrow(/3 x 2 x 3 bytes/);
    expect(() => preprocess(blank(65_536, 1), plain)).toThrow(/65535/);
  });
});
