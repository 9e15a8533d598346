import { PrumergeError } from "../../errors.js";
import { noVideo } from "../file-kind.js";
import { beyond } from "../limits.js";
import type { DecodeLog } from "./decode-log.js";

/** Why nothing of a file was decoded, told from ffmpeg's log. */
export function refuseUndecoded({ header, complaints }: DecodeLog, where: string): PrumergeError {
  const told = complaints.join("; ");
  const large = /picture size (\d+x\d+) exceeds specified max pixel count (\d+)/i.exec(told);
  if (large !== null)
    return beyond(
      "a video's picture is too large",
      where,
      `at most ${large[2]} pixels`,
      large[1]!.replace("x", " x "),
    );
  if (/not on whitelist/i.test(told)) return noVideo(where, "another kind of file");
  if (header.sound && header.width === undefined) return noVideo(where, "sound without pictures");
  if (/moov atom not found/.test(told)) {
    return new PrumergeError("INVALID_VIDEO", "a video without its index, or no video at all", {
      where,
      expected: "a whole file",
      found: "no index (moov)",
      help: "The file may have been cut off: fetch it again.",
    });
  }
  const saying = complaints.find((text) => !/^At least one output file/.test(text));
  if (header.width === undefined) return noVideo(where, saying ?? "no stream of pictures");
  return new PrumergeError("INVALID_VIDEO", "no frame of a video can be decoded", {
    where,
    ...(saying !== undefined && { found: saying }),
    help: "The file may be damaged, cut off, or of a kind that this ffmpeg has no decoder of.",
  });
}
