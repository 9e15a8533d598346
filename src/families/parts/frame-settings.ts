import { PrumergeError } from "../../errors.js";
import type { FrameSettings } from "../../image/preprocess-spec.js";
import type { Json } from "../../models/files/json-file.js";

/** More than any model's own; each is a whole picture in memory. */
const mostFrames = 4096;

/**
 * Which frames a video processor takes: `num_frames`, or `fps` with `min_frames` and `max_frames`; undefined where it says none of them.
 * `do_sample_frames: false` leaves frames to the program around it, which is ours.
 *
 * @throws PrumergeError INVALID_FILE for numbers that no video has, and for a number of frames beside their rate
 */
export function frameSettings(settings: Json, where: string): FrameSettings | undefined {
  const whole = (name: string) => count(settings[name], name, where);
  const { fps = null } = settings;
  if (fps !== null && !(typeof fps === "number" && Number.isFinite(fps) && fps > 0))
    throw wrong("fps", "a number above 0", fps, where);
  const [fixed, minimum, most] = [whole("num_frames"), whole("min_frames"), whole("max_frames")];
  if (fixed !== undefined) {
    if (fps !== null) throw wrong("fps", "none beside num_frames", fps, where);
    return { count: fixed };
  }
  if (minimum !== undefined && most !== undefined && minimum > most)
    throw wrong("min_frames", `at most max_frames, ${most}`, minimum, where);
  const found = {
    ...(fps !== null && { fps: fps as number }),
    ...(minimum !== undefined && { minimum }),
    ...(most !== undefined && { most }),
  };
  return Object.keys(found).length > 0 ? found : undefined;
}

function count(value: unknown, name: string, where: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= mostFrames)
    return value as number;
  throw wrong(name, `a whole number from 1 to ${mostFrames}`, value, where);
}

function wrong(name: string, expected: string, found: unknown, where: string): PrumergeError {
  return new PrumergeError("INVALID_FILE", "a video processor's setting cannot be", {
    where: `${where}, ${name}`,
    expected,
    found: JSON.stringify(found),
  });
}

/** Fields that change nothing of what the tower is shown, or say what is read elsewhere. */
const silent = new Set([
  ...[
    "video_processor_type",
    "processor_class",
    "auto_map",
    "_processor_class",
    "return_metadata",
    "video_metadata",
  ],
  ...[
    "device",
    "data_format",
    "input_data_format",
    "return_tensors",
    "default_to_square",
    "disable_grouping",
  ],
  ...[
    "do_sample_frames",
    "num_frames",
    "fps",
    "min_frames",
    "max_frames",
    "do_convert_rgb",
    "image_processor_type",
  ],
]);

/**
 * The names of settings that nobody read and that say something.
 *
 * @param read by the family
 */
export function unreadSettings(settings: Json, read: readonly string[]): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    silent.has(name) || read.includes(name) || value === null || value === undefined ? [] : [name],
  );
}
