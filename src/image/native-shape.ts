import { checkArea, expectedArea } from "./native-size.js";
import type { PreprocessSpec } from "./preprocess-spec.js";
import { failed, flag, type Json, object, refuseShape, refuseWord, side } from "./processor-fields.js";

type NativeShape = Pick<PreprocessSpec, "size" | "shortestEdge" | "aspect" | "area">;

/** Qwen2-VL's processor class, where its file says nothing. */
const own = { patch: 14, merge: 2, frames: 2, min: 56 * 56, max: 28 * 28 * 1280 } as const;

/**
 * Reads what Qwen2-VL's image processor says of sizes. Its limits are areas: `min_pixels` and `max_pixels`, or, where these
 * are missing, `size.shortest_edge` and `size.longest_edge`, in spite of the names.
 */
export function nativeShape(config: Json, where: string): NativeShape {
  if (!flag(config, "do_resize", true, where)) refuseShape("do_resize: false", where);
  const patch = side(config.patch_size ?? own.patch, "patch_size", where);
  const merge = side(config.merge_size ?? own.merge, "merge_size", where);
  const frames = config.temporal_patch_size ?? own.frames;
  if (frames !== own.frames) refuseWord("another temporal_patch_size", String(own.frames), frames, where);
  const size = object(config.size ?? {}, "size", where);
  const min = config.min_pixels ?? size.shortest_edge ?? own.min;
  const max = config.max_pixels ?? size.longest_edge ?? own.max;
  const area = { min: min as number, max: max as number };
  const found = checkArea(area);
  if (found !== undefined) failed("min_pixels and max_pixels", expectedArea, found, where);
  return { size: patch * merge, shortestEdge: patch * merge, aspect: "native", area };
}
