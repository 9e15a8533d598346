import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { largestDifference, pictureCases } from "../../../test/support/pictures.js";
import type { PictureFormat } from "../signature.js";
import { joined } from "./bytes.js";
import { hideExif } from "./hide-exif.js";

const { cases, bytes } = pictureCases<{ readonly name: string; readonly file: [number, number] }>(
  "kinds/kinds",
);
const saying = cases.filter(({ name }) => /^(jpeg|png|webp)\/.*(exif|lying)/.test(name));

describe("hideExif", () => {
  it.each(saying)("leaves nothing that turns $name, and its pixels", async ({ name, file: [at, length] }) => {
    const file = bytes.slice(at, at + length);
    const hidden = joined(hideExif(name.split("/")[0] as PictureFormat, file));
    expect((await sharp(hidden).metadata()).orientation).toBeUndefined();
    const [own, bare] = await Promise.all([file, hidden].map((data) => sharp(data).raw().toBuffer()));
    expect(largestDifference(own!, bare!)).toBe(0);
  });

  it("finds many", () => expect(saying.length).toBeGreaterThan(40));
});
