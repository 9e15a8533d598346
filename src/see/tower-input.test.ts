import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { smallLlavaSpec } from "../../test/support/small-llava.js";
import { llava } from "../families/llava/run.js";
import { smolVlm } from "../families/smolvlm/run.js";
import type { SmolVlmSpec } from "../families/smolvlm/spec.js";
import type { View } from "../image/index.js";
import { smallerView } from "./smaller-view.js";
import { towerInput } from "./tower-input.js";

const { projector: _, ...small } = smallLlavaSpec();
/** 4 x 4 patches in blocks of 2 x 2. */
const spec: SmolVlmSpec = {
  ...small,
  family: "smolvlm",
  vision: { ...small.vision, imageSize: 8, patchSize: 2 },
  blockSide: 2,
};
const view: View = {
  data: Float32Array.from({ length: 192 }, (_, at) => at),
  height: 8,
  width: 8,
  rectangle: { x: 0, y: 0, width: 8, height: 8 },
  frame: 0,
};
/** Shows the picture in `rows` x `columns` pixels of the corner. */
const maskOf = (rows: number, columns: number) =>
  Uint8Array.from({ length: 64 }, (_, at) => (Math.floor(at / 8) < rows && at % 8 < columns ? 1 : 0));
const all = Int32Array.from({ length: 16 }, (_, at) => at);
const fed = (data: Int32Array) => ({ data, dims: [data.length], type: "int64" });

describe("what the tower is told of a view's patches", () => {
  it("is all of them at their places where nothing is filled up", () => {
    expect(towerInput(smolVlm, view, spec)).toEqual({
      data: view.data,
      height: 8,
      width: 8,
      feeds: { patch_positions: fed(all), valid_patches: fed(all) },
    });
  });

  it("is those of which a pixel shows the picture, spread over the table", () => {
    const { feeds } = towerInput(smolVlm, { ...view, mask: maskOf(3, 8) }, spec);
    expect(feeds).toEqual({
      patch_positions: fed(Int32Array.of(0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0)),
      valid_patches: fed(Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7)),
    });
  });

  it("stays with a view that is scaled down and back", () => {
    const input = towerInput(smolVlm, view, spec);
    const smaller = smallerView(input, 0.25);
    expect(smaller.feeds).toBe(input.feeds);
    expect(smaller.data).not.toEqual(input.data);
  });

  it("and blocks beyond the picture are no part of it", () => {
    const pixels = (mask: Uint8Array) => ({ views: [{ ...view, mask }], picture: { width: 8, height: 8 } });
    const inside = (mask: Uint8Array) => smolVlm.sites(pixels(mask), spec).regions[0]!.inside;
    expect(inside(maskOf(8, 5))).toBeUndefined();
    expect(inside(maskOf(8, 4))).toEqual({ top: 0, left: 0, rows: 2, columns: 1 });
    expect(inside(maskOf(1, 1))).toEqual({ top: 0, left: 0, rows: 1, columns: 1 });
  });
});

describe("a mask is refused", () => {
  it("by towers that take none, in another size, and without a corner", async () => {
    const refuse = (family: typeof llava | typeof smolVlm, mask: Uint8Array) =>
      refusal("INVALID_TENSOR", () => towerInput(family as never, { ...view, mask }, spec));
    expect((await refuse(llava, maskOf(8, 8))).message).toMatch(/views without a mask/);
    expect((await refuse(smolVlm, new Uint8Array(63))).message).toMatch(/64 pixels, found 63/);
    const cornerless = maskOf(8, 8).map((shown, at) => (at % 8 < 2 ? 0 : shown));
    expect((await refuse(smolVlm, cornerless)).message).toMatch(
      /0 patches in the first column, 3 in the first row/,
    );
  });
});
