import type { OriginalLayout } from "../convert-family.js";
import { huggingFaceConfig } from "../parts/hugging-face-config.js";
import { originalParts, requireTwoLayers } from "../parts/original.js";
import { originalGridsOf, parseOriginalGrids } from "../parts/tiles/original-grids.js";
import { huggingFaceLlavaOnevision, mostTilesOf } from "./hugging-face.js";
import type { LlavaOnevisionSpec } from "./spec.js";

/** LLaVA-OneVision of the original code: `mm_patch_merge_type` spatial_unpad and `image_aspect_ratio` anyres_max_N. */
export const originalLlavaOnevision: OriginalLayout<LlavaOnevisionSpec> = {
  claims: (config) =>
    config.raw("mm_patch_merge_type") === "spatial_unpad" &&
    /^anyres_max_/.test(String(config.raw("image_aspect_ratio"))),
  parse(config, tower, imageTokenId) {
    requireTwoLayers(config);
    const mostTiles = mostTilesOf(config, "image_aspect_ratio");
    const parts = originalParts(config, tower, imageTokenId);
    if (parts.vision.classToken)
      throw config.unsupported("image_aspect_ratio", "anyres for a tower with a class token (CLIP)");
    parseOriginalGrids(config.raw("image_grid_pinpoints"), parts.vision.imageSize, config.where);
    return { family: "llava-onevision", ...parts, unpad: "original", mostTiles };
  },
  config(spec, original, tower) {
    return {
      ...huggingFaceConfig(spec, huggingFaceLlavaOnevision, original, tower),
      image_grid_pinpoints: originalGridsOf(spec, original),
      use_image_newline_parameter: true,
      vision_aspect_ratio: `anyres_max_${spec.mostTiles}`,
    };
  },
  /** Mean, deviation and size are the tower's; the original code resizes with Pillow whatever that processor does. */
  imageProcessor(spec, config, { image_aspect_ratio: _, ...tower }) {
    return {
      ...tower,
      image_processor_type: "LlavaOnevisionImageProcessor",
      image_grid_pinpoints: originalGridsOf(spec, {
        image_grid_pinpoints: config.raw("image_grid_pinpoints"),
      }),
      do_pad: true,
    };
  },
};
