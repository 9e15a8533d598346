import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { resizePlanes } from "./resize-planes.js";

interface Recorded {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly source: string;
  readonly resized: string;
}

const { cases }: { cases: Recorded[] } = JSON.parse(
  readFileSync(new URL("../../test/fixtures/image/planes.json", import.meta.url), "utf8"),
);
const unpack = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

it.each(cases)("scales $from to $to as Pillow scales pictures of mode F", ({ from, to, source, resized }) => {
  const [height, width] = from;
  const one = unpack(source);
  // Three planes, the others the same, turned upside down in sign and halved.
  const data = Float32Array.from([...one, ...one.map((value) => -value), ...one.map((value) => value / 2)]);
  const scaled = resizePlanes({ data, height, width }, to[0], to[1]);
  expect([scaled.height, scaled.width]).toEqual(to);
  const expected = unpack(resized);
  [1, -1, 0.5].forEach((factor, plane) => {
    const own = scaled.data.subarray(plane * expected.length, (plane + 1) * expected.length);
    expect(own).toHaveLength(expected.length);
    own.forEach((value, at) => {
      expect(Math.abs(value - factor * expected[at]!)).toBeLessThan(2e-6);
    });
  });
});
