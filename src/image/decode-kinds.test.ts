import { describe, expect, it } from "vitest";
import { largestDifference, pictureCases } from "../../test/support/pictures.js";
import { decodePicture } from "./decode.js";

interface Case {
  readonly name: string;
  /** Where the file begins, and its length. */
  readonly file: readonly [number, number];
  /** Words of the refusal, where the kind is not read. */
  readonly refused?: string;
  readonly width: number;
  readonly height: number;
  /** Where the RGB bytes begin: transparency on white, and ignored. */
  readonly white: number;
  readonly drop: number;
  /** Largest difference from Pillow; none where it is missing. */
  readonly within?: number;
}

const { cases, bytes } = pictureCases<Case>("kinds/kinds");
const fileOf = ({ file: [at, length] }: Case) => bytes.slice(at, at + length);

const read = cases.filter(({ refused }) => refused === undefined);
const refused = cases.filter(({ refused }) => refused !== undefined);

describe("decodePicture on every kind that Pillow reads", () => {
  it.each(read)("$name", async (entry) => {
    const { width, height, within = 0 } = entry;
    const rules = entry.white === entry.drop ? (["white"] as const) : (["white", "drop"] as const);
    for (const alpha of rules) {
      const picture = await decodePicture(fileOf(entry), { alpha });
      expect([picture.width, picture.height]).toEqual([width, height]);
      const expected = bytes.subarray(entry[alpha], entry[alpha] + width * height * 3);
      expect(largestDifference(picture.data, expected)).toBeLessThanOrEqual(within);
    }
  });

  it.each(refused)("$name is refused by name", async (entry) => {
    await expect(decodePicture(fileOf(entry))).rejects.toThrow(
      expect.objectContaining({
        code: "INVALID_IMAGE",
        message: expect.stringContaining(entry.refused!),
      }),
    );
    await expect(decodePicture(fileOf(entry))).rejects.toThrow(/Save the picture as PNG/);
  });
});
