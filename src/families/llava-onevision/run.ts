import { preprocessFrames } from "../../image/frames.js";
import { exportedSquares } from "../export-door.js";
import type { RunFamily } from "../family.js";
import { tiledPictures } from "../parts/tiles/pictures.js";
import { arrangeFrames } from "./arrange-frames.js";
import { type LlavaOnevisionSpec, llavaOnevisionSchema } from "./spec.js";

/** LLaVA-OneVision. Of several pictures in one prompt each is one view, padded to a square; of a video 32 frames, as evaluated. */
export const llavaOnevision: RunFamily<LlavaOnevisionSpec> = {
  name: "llava-onevision",
  schema: llavaOnevisionSchema,
  ...tiledPictures,
  severalAspect: "pad",
  exported: {
    ...exportedSquares,
    notes: () => [
      "These graphs do not hold the separator behind pictures and lines of tiles (image_newline), and answers are given without it, which are not those of the model itself; unreduced, a picture is shown as one view (views: base).",
    ],
  },
  video: () => ({ sampling: { rule: "linspace", count: 32 }, show: preprocessFrames }),
  arrange: (sites, pixels, spec) =>
    pixels.frames === undefined ? tiledPictures.arrange(sites, pixels, spec) : arrangeFrames(sites),
};
