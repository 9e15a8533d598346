import type { OriginalLayout } from "../convert-family.js";
import { huggingFaceConfig } from "../parts/hugging-face-config.js";
import { originalParts, requireTwoLayers } from "../parts/original.js";
import { originalGridsOf, parseOriginalGrids } from "../parts/tiles/original-grids.js";
import { huggingFaceLlavaNext } from "./hugging-face.js";
import type { LlavaNextSpec } from "./spec.js";

/**
 * LLaVA-1.6 of the original code: `mm_patch_merge_type` spatial_unpad and `image_aspect_ratio` anyres. Every other way of
 * treating more than one square is claimed too, and refused by its name.
 */
export const originalLlavaNext: OriginalLayout<LlavaNextSpec> = {
  claims: (config) => config.has("mm_patch_merge_type") || config.has("image_aspect_ratio"),
  parse(config, tower, imageTokenId) {
    const [merge, aspect] = [config.raw("mm_patch_merge_type"), config.raw("image_aspect_ratio")];
    if (merge !== "spatial_unpad" || aspect !== "anyres") {
      throw config.unsupported(
        "mm_patch_merge_type with image_aspect_ratio",
        "spatial_unpad with anyres, or flat with square or pad",
        `${merge ?? "flat"} with ${aspect ?? "square"}`,
      );
    }
    requireTwoLayers(config);
    const parts = originalParts(config, tower, imageTokenId);
    if (parts.selectStrategy === "full") throw config.unsupported("mm_vision_select_feature", "patch");
    parseOriginalGrids(config.raw("image_grid_pinpoints"), parts.vision.imageSize, config.where);
    return { family: "llava-next", ...parts, unpad: "original" };
  },
  config(spec, original, tower) {
    return {
      ...huggingFaceConfig(spec, huggingFaceLlavaNext, original, tower),
      image_grid_pinpoints: originalGridsOf(spec, original),
      use_image_newline_parameter: true,
    };
  },
  /** Mean, deviation and size are the tower's; the original code resizes with Pillow whatever that processor does. */
  imageProcessor(spec, config, { image_aspect_ratio: _, ...tower }) {
    return {
      ...tower,
      image_processor_type: "LlavaNextImageProcessor",
      aspect_ratio_setting: "anyres",
      image_grid_pinpoints: originalGridsOf(spec, {
        image_grid_pinpoints: config.raw("image_grid_pinpoints"),
      }),
      do_pad: true,
    };
  },
};
