import { PrumergeError } from "../../errors.js";
import type { Picture } from "../../image/picture.js";
import type { LoadedModel } from "../../model/model.js";
import type { SeeOptions } from "../../model/see-options.js";
import type { Reducer } from "../../reduce/index.js";
import { openVideo } from "../../video/open-video.js";
import type { Video } from "../../video/video.js";
import { ApiError } from "../http/api-error.js";
import type { ServerLimits } from "../limits.js";
import type { SeenPicture } from "./seen-memory.js";

/** A video file's bytes, read within a server's limits. */
export function videoWithin(bytes: Uint8Array, limits: ServerLimits): Video {
  return openVideo(bytes, {
    name: "video",
    maxBytes: limits.videoBytes,
    maxSeconds: limits.videoSeconds,
    maxPixels: limits.videoPixels,
    maxTakenPixels: limits.videoTakenPixels,
    maxDecodeSeconds: limits.videoMilliseconds / 1000,
  });
}

/**
 * What a model sees of a video file's bytes.
 *
 * @throws ApiError 501 where the server has nothing to decode it with; what reading and seeing throw
 */
export async function watchBytes(
  model: Pick<LoadedModel, "see">,
  bytes: Uint8Array,
  reducer: Reducer,
  options: SeeOptions,
  limits: ServerLimits,
): Promise<SeenPicture> {
  const video = videoWithin(bytes, limits);
  let first: Picture | undefined;
  const watched: Video = {
    kind: "video",
    async take(sampling, until) {
      const taken = await video.take(sampling, until);
      first = taken.frames[0];
      return taken;
    },
  };
  const tokens = await model.see(watched, reducer, options).catch((error: unknown) => {
    if (!PrumergeError.isInstance(error) || error.code !== "NOT_FOUND") throw error;
    throw new ApiError(501, "This server decodes no video files: it has no ffmpeg.", {
      code: "no_video_decoder",
      cause: error,
    });
  });
  return { tokens, width: first!.width, height: first!.height };
}
