import { z } from "zod";
import { floatResamplers } from "../image/filter.js";
import { isFloatResampler } from "../image/float-resampler.js";
import { checkArea, expectedArea } from "../image/native-size.js";
import { aspects, type PreprocessSpec } from "../image/preprocess-spec.js";
import { checkGrids, expectedGrids } from "../image/tiles/check-grids.js";
import { expectedEdge, isEdge } from "../image/tiles/check-split.js";

const pixels = z.int().positive();
const frames = z.int().positive().max(4096);
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** {@link PreprocessSpec} as it stands in `prumerge.json`. */
export const preprocessingSchema: z.ZodType<PreprocessSpec> = z
  .strictObject({
    size: pixels,
    aspect: z.enum(aspects),
    grids: z.array(z.tuple([pixels, pixels])).exactOptional(),
    longestEdge: pixels.exactOptional(),
    shortestEdge: pixels,
    area: z.strictObject({ min: pixels, max: pixels }).exactOptional(),
    resample: z.enum(["nearest", "bilinear", "bicubic", "lanczos"]),
    resampler: z.enum(["pillow", "torchvision", ...floatResamplers]).exactOptional(),
    rescale: z.number().positive(),
    mean: triple,
    deviation: triple,
    fill: triple.exactOptional(),
    videos: z
      .strictObject({
        area: z.strictObject({ min: pixels, max: pixels }).exactOptional(),
        frames: z
          .strictObject({
            count: frames.exactOptional(),
            fps: z.number().positive().exactOptional(),
            minimum: frames.exactOptional(),
            most: frames.exactOptional(),
          })
          .exactOptional(),
      })
      .exactOptional(),
  })
  .superRefine(
    ({ size, aspect, grids, longestEdge, shortestEdge, area, resample, resampler, videos }, context) => {
      const wrong = (path: string, message: string) =>
        context.addIssue({ code: "custom", path: [path], message });
      if ((aspect === "native") !== (area !== undefined))
        wrong("area", "only where the aspect is native, and there always");
      const floats = isFloatResampler(resampler);
      if (floats && (aspect === "anyres" || aspect === "native" || longestEdge !== undefined))
        wrong("resampler", "resizes only whole pictures to squares");
      if (floats && resample !== "bilinear" && resample !== "bicubic")
        wrong("resample", "expected bilinear or bicubic of a resampler of floats");
      const ofVideos = videos?.area && checkArea(videos.area);
      if (ofVideos !== undefined) wrong("videos.area", `expected ${expectedArea}, found ${ofVideos}`);
      const areas = area && checkArea(area);
      if (areas !== undefined) wrong("area", `expected ${expectedArea}, found ${areas}`);
      if (grids === undefined && longestEdge === undefined) {
        if (aspect === "anyres") wrong("grids", "missing where the aspect is anyres");
        return;
      }
      if (grids !== undefined && longestEdge !== undefined) wrong("longestEdge", "beside grids");
      if (longestEdge !== undefined && !isEdge(longestEdge, size))
        wrong("longestEdge", `expected ${expectedEdge(size)}, found ${longestEdge}`);
      const checked = grids === undefined ? {} : checkGrids(grids, size);
      if ("found" in checked) wrong("grids", `expected ${expectedGrids(size)}, found ${checked.found}`);
      if (shortestEdge !== size) wrong("shortestEdge", `expected the tile's ${size}, found ${shortestEdge}`);
    },
  );
