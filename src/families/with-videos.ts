import type { PreprocessSpec } from "../image/preprocess-spec.js";
import type { Json } from "../models/files/json-file.js";
import type { Note } from "../models/files/note.js";
import type { ConvertFamily } from "./convert-family.js";

/**
 * How pictures are prepared, and videos where the folder has a video processor and the family watches some.
 *
 * @param settings of the video processor, where there is one
 */
export function withVideos(
  family: ConvertFamily,
  pictures: PreprocessSpec,
  settings: Json | undefined,
  where: string,
  note: Note,
): PreprocessSpec {
  if (settings === undefined) return pictures;
  if (family.readVideos === undefined) {
    note(
      `${where}: the video processor's settings are passed over, since models of this family are shown no videos`,
    );
    return pictures;
  }
  const videos = family.readVideos(settings, where, pictures, note);
  return Object.keys(videos).length > 0 ? { ...pictures, videos } : pictures;
}
