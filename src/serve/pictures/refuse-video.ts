import type { LoadedModel } from "../../model/model.js";
import { ApiError } from "../http/api-error.js";
import type { PictureReference } from "./picture-reader.js";

/**
 * Before a video is fetched for nothing.
 *
 * @throws ApiError 400 where the model is shown no videos
 */
export function refuseVideo(
  { videoSampling }: Pick<LoadedModel, "videoSampling">,
  { param }: Pick<PictureReference, "param">,
): void {
  if (videoSampling !== undefined) return;
  throw new ApiError(400, "This model is shown no videos.", { code: "unsupported_video", param });
}
