import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { pictureGeometry } from "./geometry.js";
import { parsePreprocessing } from "./parse-preprocessing.js";
import type { Picture } from "./picture.js";
import { preprocess } from "./preprocess.js";
import type { PreprocessSpec } from "./preprocess-spec.js";

const clip = parsePreprocessing({ image_processor_type: "VideoLlavaImageProcessor" });
const spec: PreprocessSpec = { ...clip, resampler: "torchvision-0.15" };

function noise(width: number, height: number): Picture {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 7919) % 251);
  return { width, height, data };
}

describe("floats without antialiasing", () => {
  it("are padded with the same colour as a picture that was put on a square first", () => {
    const picture = noise(30, 20);
    const square: Picture = { width: 30, height: 30, data: new Uint8Array(30 * 30 * 3) };
    for (let at = 0; at < 900; at++) square.data.set([122, 116, 104], at * 3);
    square.data.set(picture.data, 5 * 30 * 3);
    const [padded, whole] = [
      preprocess(picture, spec, { aspect: "pad" }).views[0]!.data,
      preprocess(square, spec, { aspect: "crop" }).views[0]!.data,
    ];
    expect(Buffer.from(padded.buffer).equals(Buffer.from(whole.buffer))).toBe(true);
  });

  it("are one colour where the picture is", () => {
    const grey: Picture = { width: 61, height: 33, data: new Uint8Array(61 * 33 * 3).fill(100) };
    const [view] = preprocess(grey, spec).views;
    const expected = spec.mean.map((mean, at) => (100 / 255 - mean) / spec.deviation[at]!);
    for (const channel of [0, 1, 2]) {
      const plane = view!.data.subarray(channel * 224 * 224, (channel + 1) * 224 * 224);
      expect(Math.max(...plane.map((value) => Math.abs(value - expected[channel]!)))).toBeLessThan(1e-5);
    }
  });

  it("are as long as each program makes them, which rounds the ratio or the product", () => {
    const width = (resampler: NonNullable<PreprocessSpec["resampler"]>) =>
      pictureGeometry(115, 112, { ...spec, resampler }, "crop").resized.width;
    expect([width("torchvision-0.15"), width("pytorchvideo")]).toEqual([230, 229]);
  });

  it("are refused of filters that PyTorch has not, and of pictures in tiles", async () => {
    const lanczos = await refusal("INVALID_OPTION", () =>
      preprocess(noise(9, 9), { ...spec, resample: "lanczos" }),
    );
    expect(lanczos.message).toMatch(/bilinear, bicubic, found lanczos/);
    const tiles = { ...spec, aspect: "anyres", grids: [[448, 224]] } as const;
    const refused = await refusal("INVALID_OPTION", () => preprocess(noise(9, 9), tiles));
    expect(refused.message).toMatch(/resampler: .*found torchvision-0.15/);
  });
});
