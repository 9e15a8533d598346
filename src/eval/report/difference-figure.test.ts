import sharp from "sharp";
import { expect, it } from "vitest";
import type { PreprocessSpec } from "../../image/index.js";
import { differenceFigure } from "./difference-figure.js";

const grey = { width: 384, height: 384, channels: 3, background: "#808080" } as const;
const preprocessing: PreprocessSpec = {
  size: 384,
  shortestEdge: 384,
  aspect: "crop",
  resample: "bicubic",
  rescale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
};

it("lays the grid over the pixels that patches cover, not over the whole square", async () => {
  const bytes = await sharp({ create: grey }).png().toBuffer();
  const kept = { count: 1, mask: "AQ==", rows: 27, columns: 27 };
  const vision = { imageSize: 384, patchSize: 14 };
  const framing = { vision, preprocessing, aspect: "crop" } as const;
  const { viewBox } = await differenceFigure({ name: "grey.png", bytes }, kept, framing);
  // 14 pixels of the picture are drawn 24 wide, so 384 are 658.29.
  expect(viewBox).toBe("0 0 658.29 658.29");
});
