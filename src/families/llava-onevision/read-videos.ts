import type { PreprocessSpec, VideoPreprocess } from "../../image/preprocess-spec.js";
import type { Json } from "../../models/files/json-file.js";
import type { Note } from "../../models/files/note.js";
import { frameSettings, unreadSettings } from "../parts/frame-settings.js";
import { checkLikePictures } from "../parts/like-pictures.js";

const compared = [
  "size",
  "do_resize",
  "resample",
  "do_rescale",
  "rescale_factor",
  "do_normalize",
  "image_mean",
  "image_std",
];

/**
 * LLaVA-OneVision's video processor, which brings frames to the tower's square as the whole picture of a still one; it may say which
 * frames are taken.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL for frames that are prepared otherwise, INVALID_FILE
 */
export function readVideos(
  settings: Json,
  where: string,
  pictures: PreprocessSpec,
  note: Note,
): VideoPreprocess {
  const said = Object.entries(settings).filter(([name, value]) => compared.includes(name) && value !== null);
  // A frame is stretched to one square, whose words are those of CLIP's processor without its crop.
  const usual = { size: { height: 384, width: 384 }, do_center_crop: false };
  const words = { ...usual, ...Object.fromEntries(said), image_processor_type: "CLIPImageProcessor" };
  checkLikePictures(words, where, pictures, ["size", "resample", "rescale", "mean", "deviation"]);
  const unread = unreadSettings(settings, compared);
  if (unread.length > 0) note(`${where}: settings of videos that are not read: ${unread.join(", ")}`);
  const frames = frameSettings(settings, where);
  return frames === undefined ? {} : { frames };
}
