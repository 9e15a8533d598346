import type { Video, VideoFrames } from "./video.js";

/**
 * The same video, whose frames are kept after they have been taken: for programs that show a model the same frames more than once,
 * or draw them afterwards. The frames of the last sampling are kept, and no others.
 */
export function rememberVideo(video: Video): Video {
  let asked: string | undefined;
  let kept: VideoFrames | undefined;
  return {
    kind: "video",
    async take(sampling, options) {
      const wish = JSON.stringify(Object.entries(sampling).sort());
      if (kept !== undefined && wish === asked) return kept;
      const taken = await video.take(sampling, options);
      [asked, kept] = [wish, taken];
      return taken;
    },
  };
}
