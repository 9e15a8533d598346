import { PrumergeError } from "../../errors.js";
import { checkArea, expectedArea } from "../../image/native-size.js";
import { framesTogether } from "../../image/native-video-size.js";
import type { PreprocessSpec, VideoPreprocess } from "../../image/preprocess-spec.js";
import type { Json } from "../../models/files/json-file.js";
import type { Note } from "../../models/files/note.js";
import { frameSettings, unreadSettings } from "../parts/frame-settings.js";
import { checkLikePictures } from "../parts/like-pictures.js";

/** Those of the image processor that are held against it. */
const shared = [
  "do_resize",
  "resample",
  "do_rescale",
  "rescale_factor",
  "do_normalize",
  "image_mean",
  "image_std",
];
const compared = [...shared, "patch_size", "merge_size"];
const own = ["size", "min_pixels", "max_pixels", "patch_size", "merge_size", "temporal_patch_size"];
/** Bounds of an earlier program that transformers leaves off unless they are asked for. */
const bounds = ["cap_pixels_per_frame", "max_video_tokens", "use_token_compression"];

/**
 * What Qwen-VL's video processor says: pixels of a frame (of Qwen3-VL: of all frames), and which frames are taken. Areas stand as
 * `min_pixels` and `max_pixels`, or as `size.shortest_edge` and `size.longest_edge`. Source: transformers `Qwen2VLVideoProcessor`, `Qwen3VLVideoProcessor`.
 *
 * @param defaults of the generation's class, for what the file leaves out, in the words of the image processor
 * @throws PrumergeError INVALID_FILE, or UNSUPPORTED_MODEL for frames that are prepared otherwise than pictures, or bounded otherwise
 */
export function readVideosOf(defaults: Json) {
  return (settings: Json, where: string, pictures: PreprocessSpec, note: Note): VideoPreprocess => {
    const said = Object.entries(settings).filter(
      ([name, value]) => compared.includes(name) && value !== null,
    );
    checkLikePictures(
      { image_processor_type: "Qwen2VLImageProcessor", ...defaults, ...Object.fromEntries(said) },
      where,
      pictures,
      ["size", "resample", "rescale", "mean", "deviation"],
    );
    for (const name of ["do_center_crop", "do_pad"]) refuse(settings, name, [false], where);
    refuse(settings, "do_resize", [true], where);
    refuse(settings, "temporal_patch_size", [framesTogether], where);
    refuse(settings, "cap_pixels_per_frame", [false], where);
    const unread = unreadSettings(settings, [
      ...shared,
      ...own,
      ...bounds,
      "do_center_crop",
      "do_pad",
      "max_image_size",
    ]);
    if (unread.length > 0) note(`${where}: settings of videos that are not read: ${unread.join(", ")}`);
    const area = areaOf(settings, where);
    const frames = frameSettings(settings, where);
    return { ...(area && { area }), ...(frames && { frames }) };
  };
}

function areaOf(settings: Json, where: string): VideoPreprocess["area"] {
  const size = (settings.size ?? {}) as Json;
  const min = settings.min_pixels ?? size.shortest_edge ?? size.min_pixels;
  const max = settings.max_pixels ?? size.longest_edge ?? size.max_pixels;
  if ((min ?? max) === undefined) return undefined;
  const area = { min: min as number, max: max as number };
  const whole = [min, max].every((value) => Number.isInteger(value) && (value as number) >= 1);
  const expected = whole ? checkArea(area) : expectedArea;
  if (expected === undefined) return area;
  throw new PrumergeError("INVALID_FILE", "no frame has an area within these limits", {
    where: `${where}, size`,
    expected: expectedArea,
    found: JSON.stringify({ min, max }),
  });
}

function refuse(settings: Json, name: string, expected: readonly unknown[], where: string): void {
  const value = settings[name];
  if (value === undefined || value === null || expected.includes(value)) return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a video processor that shows frames otherwise", {
    where: `${where}, ${name}`,
    expected: expected.map(String).join(" or "),
    found: JSON.stringify(value),
  });
}
