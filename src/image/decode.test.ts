import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { largestDifference, pictureCases, pictureFixture } from "../../test/support/pictures.js";
import { decodePicture } from "./decode.js";

interface Case {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly offset: number;
}

const { cases, bytes } = pictureCases<Case>("decoded");
const fixture = (name: string) => fileURLToPath(pictureFixture(name));

/** AVIF leaves the rounding of its colour conversion open: libheif and libavif differ by one. */
const tolerance = (file: string) => (file.endsWith(".avif") ? 1 : 0);

describe("decodePicture against Pillow", () => {
  it.each(cases)("$file", async ({ file, width, height, offset }) => {
    const size = width * height * 3;
    for (const [i, alpha] of (["white", "drop"] as const).entries()) {
      const picture = await decodePicture(fixture(file), { alpha });
      const expected = bytes.subarray(offset + i * size, offset + (i + 1) * size);
      expect([picture.width, picture.height]).toEqual([width, height]);
      expect(largestDifference(picture.data, expected)).toBeLessThanOrEqual(tolerance(file));
    }
  });
});
