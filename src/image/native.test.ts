import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { nativeSize } from "./native-size.js";
import { parsePreprocessing } from "./parse-preprocessing.js";
import { preprocess } from "./preprocess.js";

const processor = (more: object = {}) => ({ image_processor_type: "Qwen2VLImageProcessor", ...more });
const picture = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3),
});

describe("the size of a picture that keeps its own", () => {
  const area = { unit: 28, min: 3136, max: 12845056 };

  // Checked with transformers' smart_resize.
  it.each([
    [70, 126, 56, 112],
    [98, 42, 112, 56],
    [1000, 13, 504, 28],
    [200, 1, 812, 28],
    [640, 480, 644, 476],
  ])("of %i x %i is %i x %i", (width, height, across, down) => {
    expect(nativeSize(width, height, area)).toEqual({ width: across, height: down });
  });

  it.each([
    [201, 1],
    [1, 4000],
  ])("of %i x %i is none", async (width, height) => {
    const error = await refusal("INVALID_IMAGE", () => nativeSize(width, height, area));
    expect(error.message).toContain(`at most 200 times the other, found ${width} x ${height}`);
  });
});

describe("limits of area", () => {
  const parsed = (more: object) => {
    const { size, area } = parsePreprocessing(processor(more));
    return { size, ...area };
  };

  it("stand under either name, pixels before edges", () => {
    const size = { shortest_edge: 65536, longest_edge: 16777216 };
    expect(parsed({ patch_size: 16, size })).toEqual({ size: 32, min: 65536, max: 16777216 });
    const both = { size, min_pixels: 4095, max_pixels: 1310720 };
    expect(parsed(both)).toEqual({ size: 28, min: 4095, max: 1310720 });
  });

  it("are the class's own where the file has none", () => {
    expect(parsed({})).toEqual({ size: 28, min: 3136, max: 1003520 });
  });

  it("are read of a processor that names only the whole", () => {
    for (const name of ["Qwen2VLProcessor", "Qwen2_5_VLProcessor", "Qwen3VLProcessor"])
      expect(parsePreprocessing({ processor_class: name }).aspect).toBe("native");
  });

  it.each([
    { min_pixels: 5000, max_pixels: 4000 },
    { min_pixels: 0 },
    { max_pixels: 1e9 },
    { min_pixels: "many" },
    { size: { shortest_edge: 10.5 } },
  ])("%o do not fit", async (limits) => {
    await refusal("INVALID_FILE", () => parsed(limits));
  });

  it.each([{ do_resize: false }, { temporal_patch_size: 1 }])("%o is not run", async (more) => {
    await refusal("UNSUPPORTED_MODEL", () => parsed(more));
  });

  it("are asked for with a picture", () => {
    const spec = parsePreprocessing(processor());
    const [view] = preprocess(picture(300, 200), spec, { maxPixels: 28 * 28 * 6 }).views;
    expect([view!.width, view!.height]).toEqual([84, 56]);
    const [large] = preprocess(picture(30, 20), spec, { minPixels: 28 * 28 * 6 }).views;
    expect([large!.width, large!.height]).toEqual([84, 56]);
    expect(large!.rectangle).toEqual({ x: 0, y: 0, width: 30, height: 20 });
  });

  it.each([
    { minPixels: 2e6 },
    { maxPixels: 100 },
    { maxPixels: 2e9 },
    { minPixels: Number.NaN },
  ])("%o of a picture are refused", async (limits) => {
    await refusal("INVALID_OPTION", () =>
      preprocess(picture(56, 56), parsePreprocessing(processor()), limits),
    );
  });

  it("are refused of a model that has a size of its own, and so is the aspect", async () => {
    const clip = parsePreprocessing({ image_processor_type: "CLIPImageProcessor" });
    await refusal("INVALID_OPTION", () => preprocess(picture(9, 9), clip, { maxPixels: 5000 }));
    await refusal("INVALID_OPTION", () => preprocess(picture(9, 9), clip, { aspect: "native" }));
  });

  it("leave no other aspect", async () => {
    const spec = parsePreprocessing(processor());
    for (const aspect of ["pad", "crop", "stretch", "anyres"] as const)
      await refusal("INVALID_OPTION", () => preprocess(picture(56, 56), spec, { aspect }));
  });
});
