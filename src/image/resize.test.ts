import { describe, expect, it } from "vitest";
import { largestDifference, pictureCases } from "../../test/support/pictures.js";
import type { ErrorCode, PrumergeError } from "../errors.js";
import type { ResampleFilter } from "./filter.js";
import { resizePicture } from "./resize.js";

interface Case {
  readonly source: [number, number];
  readonly target: [number, number];
  readonly filter: ResampleFilter;
  readonly offset: number;
}

const { cases, bytes } = pictureCases<Case>("resize");

function load({ source: [width, height], target, offset }: Case) {
  const middle = offset + width * height * 3;
  const picture = { width, height, data: bytes.subarray(offset, middle) };
  return { picture, expected: bytes.subarray(middle, middle + target[0] * target[1] * 3) };
}

describe("resizePicture", () => {
  it.each(cases)("equals Pillow bit for bit: $filter $source to $target", (entry) => {
    const { picture, expected } = load(entry);
    const [width, height] = entry.target;
    const resized = resizePicture(picture, { width, height, filter: entry.filter });
    expect([resized.width, resized.height]).toEqual(entry.target);
    expect(largestDifference(resized.data, expected)).toBe(0);
  });

  it("computes a window as if cut from the whole", () => {
    for (const entry of cases.filter(({ target: [w, h] }) => w > 4 && h > 4)) {
      const { picture, expected } = load(entry);
      const [width, height] = entry.target;
      const window = { x: 1, y: 2, width: width - 3, height: height - 3 };
      const { data } = resizePicture(picture, { width, height, filter: entry.filter, window });
      const rows = Array.from({ length: window.height }, (_, y) => {
        const start = ((y + window.y) * width + window.x) * 3;
        return [...expected.subarray(start, start + window.width * 3)];
      });
      expect(largestDifference(data, rows.flat())).toBe(0);
    }
  });

  it("keeps a picture that keeps its size, window by window", () => {
    for (const entry of cases) {
      const { picture } = load(entry);
      const { width, height } = picture;
      expect(largestDifference(resizePicture(picture, { width, height }).data, picture.data)).toBe(0);
      const window = { x: width - 1, y: 0, width: 1, height };
      const column = Array.from({ length: height }, (_, y) => [
        ...picture.data.subarray(((y + 1) * width - 1) * 3, (y + 1) * width * 3),
      ]);
      expect(largestDifference(resizePicture(picture, { width, height, window }).data, column.flat())).toBe(
        0,
      );
    }
  });

  it("moves a picture that keeps its size on a canvas", () => {
    const { picture } = load(cases.find(({ source: [width] }) => width > 3)!);
    const { width, height } = picture;
    const canvas = { width, height, x: 2, y: 0, fill: [7, 8, 9] } as const;
    const { data } = resizePicture(picture, { width, height, canvas });
    for (let y = 0; y < height; y++) {
      const row = data.subarray(y * width * 3, (y + 1) * width * 3);
      expect([...row.subarray(0, 6)]).toEqual([7, 8, 9, 7, 8, 9]);
      expect([...row.subarray(6)]).toEqual([
        ...picture.data.subarray(y * width * 3, ((y + 1) * width - 2) * 3),
      ]);
    }
  });

  it("computes a canvas as if the picture had been pasted on it", () => {
    for (const entry of cases) {
      const { picture } = load(entry);
      const canvas = {
        width: picture.width + 9,
        height: picture.height + 6,
        x: 4,
        y: 5,
        fill: [9, 130, 255],
      } as const;
      const pasted = new Uint8Array(canvas.width * canvas.height * 3).map((_, i) => canvas.fill[i % 3]);
      for (let y = 0; y < picture.height; y++) {
        const row = picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
        pasted.set(row, ((y + canvas.y) * canvas.width + canvas.x) * 3);
      }
      const [width, height] = entry.target;
      const options = { width, height, filter: entry.filter };
      const expected = resizePicture({ width: canvas.width, height: canvas.height, data: pasted }, options);
      const resized = resizePicture(picture, { ...options, canvas });
      expect(largestDifference(resized.data, expected.data)).toBe(0);
    }
  });

  it.each([
    ["across first", { width: 60, height: 60 }, { width: 7, height: 9 }],
    ["across first, enlarged", { width: 60, height: 60 }, { width: 90, height: 110 }],
    ["down first", { width: 41, height: 80 }, { width: 40, height: 9 }],
  ])("computes a strip on a wide canvas as if pasted, window by window: %s", (_, size, target) => {
    const source = { width: 3, height: 40, data: Uint8Array.from({ length: 360 }, (_, i) => (i * 89) % 256) };
    const strips = [source, { ...source, width: 40, height: 3 }];
    for (const filter of ["nearest", "bilinear", "bicubic", "lanczos"] as const) {
      for (const picture of strips) {
        const canvas = { ...size, x: 1, y: 17, fill: [9, 130, 255] } as const;
        const pasted = new Uint8Array(size.width * size.height * 3).map((_, i) => canvas.fill[i % 3]);
        for (let y = 0; y < picture.height; y++) {
          const row = picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
          pasted.set(row, ((y + canvas.y) * canvas.width + canvas.x) * 3);
        }
        const windows = [
          { x: 0, y: 0, ...target },
          { x: target.width - 2, y: target.height - 1, width: 2, height: 1 },
        ];
        for (const window of windows) {
          const options = { ...target, filter, window };
          const expected = resizePicture({ ...size, data: pasted }, options);
          const resized = resizePicture(picture, { ...options, canvas });
          expect(largestDifference(resized.data, expected.data)).toBe(0);
        }
      }
    }
  });

  it.each([
    { width: 0, height: 3 },
    { width: 2.5, height: 3 },
    { width: 4, height: 4, window: { x: 2, y: 0, width: 3, height: 1 } },
    { width: 4, height: 4, window: { x: -1, y: 0, width: 3, height: 1 } },
    { width: 2 ** 31, height: 3 },
    { width: 4, height: 4, filter: "box" as never },
    { width: 4, height: 4, filter: "toString" as never },
    { width: 4, height: 4, canvas: { width: 2 ** 20, height: 4, x: 0, y: 0, fill: [0, 0, 0] as const } },
    { width: 4, height: 4, canvas: { width: 4, height: 4, x: 0.5, y: 0, fill: [0, 0, 0] as const } },
    { width: 4, height: 4, canvas: { width: 4, height: 4, x: 0, y: 0, fill: [0, 0, 256] as const } },
  ])("refuses %j", (options) => {
    const picture = { width: 1, height: 1, data: new Uint8Array(3) };
    expect(() => resizePicture(picture, options)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" } satisfies Partial<PrumergeError>),
    );
  });

  it("refuses pictures that are not what they say, and results that are too large", () => {
    const picture = { width: 4, height: 4, data: new Uint8Array(3) };
    const refusal = (code: ErrorCode) => expect.objectContaining({ code });
    expect(() => resizePicture(picture, { width: 2, height: 2 })).toThrow(refusal("INVALID_IMAGE"));
    const dot = { width: 1, height: 1, data: new Uint8Array(3) };
    expect(() => resizePicture(dot, { width: 20_000, height: 20_000 })).toThrow(refusal("LIMIT_EXCEEDED"));
  });
});
