import type { PixelValues } from "../../image/picture.js";
import type { RunFamily } from "../family.js";
import { oneSquare } from "../parts/one-square.js";
import { patchRegions } from "../patch-regions.js";
import { arrangeFrames } from "./arrange-frames.js";
import { showFrames } from "./show-frames.js";
import { type VideoLlavaSpec, videoLlavaSchema } from "./spec.js";

/** Video-LLaVA, of its authors and of transformers: pictures as LLaVA-1.5 sees them, videos by a tower of their own. */
export const videoLlava: RunFamily<VideoLlavaSpec> = {
  name: "video-llava",
  schema: videoLlavaSchema,
  ...oneSquare,
  video: (spec) => {
    const { vision, frames, acrossFrames } = spec.watching;
    return {
      sampling:
        spec.program === "original"
          ? { rule: "linspace", count: frames }
          : { rule: "arange", count: frames, once: true },
      fixed: acrossFrames,
      tower: { vision, together: acrossFrames ? frames : 1 },
      show: (pictures, preprocessing) => showFrames(pictures, preprocessing, spec),
    };
  },
  sites: (pixels, { vision, watching }) => patchRegions(pixels, isVideo(pixels) ? watching.vision : vision),
  arrange: (sites, pixels) => (isVideo(pixels) ? arrangeFrames(sites) : oneSquare.arrange(sites)),
};

function isVideo({ frames }: PixelValues): boolean {
  return frames !== undefined;
}
