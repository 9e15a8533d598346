import { expect, it } from "vitest";
import { smallLlavaSpec } from "../../test/support/small-llava.js";
import type { LlavaSpec } from "../models/spec.js";
import { noReduction } from "../reduce/methods/none.js";
import { type SeeingEngine, seePixels } from "./see.js";

/** Sees nothing, as one whose reduction is baked in. */
const engine = {
  bakedTokens: 2,
  inGraphReduction: true,
  see: async () => ({
    features: { rows: 2, columns: 1, data: new Float32Array(2) },
    keptPatches: new Int32Array(),
    milliseconds: 0,
  }),
} as unknown as SeeingEngine;

async function viewOf(imageSize: number, patchSize: number) {
  const spec: LlavaSpec = smallLlavaSpec();
  const vision = { ...spec.vision, imageSize, patchSize };
  const pixels = {
    data: new Float32Array(),
    size: imageSize,
    view: { x: 30, y: -20, width: 2 * imageSize, height: 3 * imageSize },
  };
  return (await seePixels(engine, { ...spec, vision }, pixels, noReduction(), false)).view;
}

it("tells the rectangle that the patches cover, where a whole number of them does not fill the square", async () => {
  // SigLIP so400m: 27 patches of 14 pixels, and 6 pixels that no patch covers.
  expect(await viewOf(384, 14)).toEqual({ x: 30, y: -20, width: 2 * 378, height: 3 * 378 });
  expect(await viewOf(336, 14)).toEqual({ x: 30, y: -20, width: 2 * 336, height: 3 * 336 });
});
