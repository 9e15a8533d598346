import { describe, expect, it } from "vitest";
import { largestDifference, pictureCases } from "../../test/support/pictures.js";
import type { ResampleFilter } from "./filter.js";
import { parsePreprocessing } from "./parse-preprocessing.js";
import { preprocess } from "./preprocess.js";
import { resizePicture } from "./resize.js";

interface Resize {
  readonly source: [number, number];
  readonly at: number;
  readonly target: [number, number];
  readonly filter: ResampleFilter;
  readonly result: number;
}

interface Processed {
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly source: [number, number];
  readonly at: number;
  readonly side: number;
  readonly values: number;
}

const { cases, bytes } = pictureCases<{ resizes: Resize[]; processed: Processed[] }>("torchvision");
const { resizes, processed } = cases[0]!;
const pictureOf = ({ source: [width, height], at }: Resize | Processed) => ({
  width,
  height,
  data: bytes.subarray(at, at + width * height * 3),
});

describe("resizePicture as torchvision", () => {
  it.each(resizes)("equals it bit for bit: $filter $source to $target", (entry) => {
    const [width, height] = entry.target;
    const expected = bytes.subarray(entry.result, entry.result + width * height * 3);
    const { filter } = entry;
    const resized = resizePicture(pictureOf(entry), { width, height, filter, resampler: "torchvision" });
    expect(largestDifference(resized.data, expected)).toBe(0);
  });

  it("computes a window as if cut from the whole, though weights depend on all outputs", () => {
    for (const entry of resizes.filter(({ target: [width, height] }) => width > 4 && height > 4)) {
      const [width, height] = entry.target;
      const window = { x: 2, y: 1, width: width - 4, height: height - 3 };
      const { data } = resizePicture(pictureOf(entry), {
        width,
        height,
        filter: entry.filter,
        resampler: "torchvision",
        window,
      });
      const rows = Array.from({ length: window.height }, (_, y) => {
        const start = entry.result + ((y + window.y) * width + window.x) * 3;
        return [...bytes.subarray(start, start + window.width * 3)];
      });
      expect(largestDifference(data, rows.flat())).toBe(0);
    }
  });

  it("is far from Pillow where the passes go in another order", () => {
    const far = resizes.map((entry) => {
      const [width, height] = entry.target;
      const picture = pictureOf(entry);
      const options = { width, height, filter: entry.filter };
      const other = resizePicture(picture, { ...options, resampler: "torchvision" });
      return largestDifference(resizePicture(picture, options).data, other.data);
    });
    expect(Math.max(...far)).toBeGreaterThan(10);
  });

  it("refuses an unknown resampler", () => {
    const picture = { width: 1, height: 1, data: new Uint8Array(3) };
    expect(() => resizePicture(picture, { width: 2, height: 2, resampler: "opencv" as never })).toThrow(
      /resampler.*pillow, torchvision.*opencv/,
    );
  });
});

describe("preprocess as transformers' torchvision backend", () => {
  it.each(processed)("equals it: $name of $source", (entry) => {
    const spec = parsePreprocessing(entry.config);
    expect(spec.resampler).toBe("torchvision");
    const view = preprocess(pictureOf(entry), spec).views[0]!;
    const { side, values } = entry;
    const expected = new Float32Array(bytes.buffer, values, 3 * side * side);
    expect([view.height, view.width]).toEqual([side, side]);
    expect(largestDifference(view.data, expected)).toBe(0);
  });
});
