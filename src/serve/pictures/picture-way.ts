import type { Aspect } from "../../image/preprocess-spec.js";
import type { LoadedModel } from "../../model/model.js";
import type { Views } from "../../see/choose-aspect.js";
import type { ReductionRequest } from "../schema/reduction.js";
import type { PictureReference } from "./picture-reader.js";
import type { SeeRequest } from "./see-pictures.js";

/** What OpenAI's `detail` means for a model that sees pictures in tiles. */
const viewsOfDetail: Readonly<Record<string, Views | undefined>> = { low: "base", high: "all" };

/**
 * How a request's picture becomes squares, where that is not the model's own way: as the request says for all of them, else
 * as the picture's own `detail` says.
 *
 * @param pictures how many the prompt holds
 * @throws PrumergeError INVALID_OPTION for two ways at once, and for an area that the model's pictures cannot have
 */
export function requestedAspect(
  model: Pick<LoadedModel, "imageAspectFor">,
  wish: Pick<ReductionRequest, "image_aspect" | "views" | "min_pixels" | "max_pixels">,
  { detail = "auto" }: Pick<PictureReference, "detail">,
  pictures: number,
): Aspect | undefined {
  const { image_aspect: imageAspect, views: wanted } = wish;
  const views = wanted ?? (imageAspect === undefined ? viewsOfDetail[detail] : undefined);
  return model.imageAspectFor({
    ...(imageAspect && { imageAspect }),
    ...(views && { views }),
    ...requestedArea(wish),
    pictures,
  });
}

/** Which frames a request wants of its videos. */
export function requestedFrames({
  frames,
  fps,
  sampling,
}: Pick<ReductionRequest, "frames" | "fps" | "sampling">): NonNullable<SeeRequest["sampling"]> {
  return {
    ...(frames !== undefined && { count: frames }),
    ...(fps !== undefined && { fps }),
    ...(sampling !== undefined && { rule: sampling }),
  };
}

/** How large a request wants its pictures to be. */
export function requestedArea({
  min_pixels: minPixels,
  max_pixels: maxPixels,
}: Pick<ReductionRequest, "min_pixels" | "max_pixels">): NonNullable<SeeRequest["area"]> {
  return {
    ...(minPixels !== undefined && { minPixels }),
    ...(maxPixels !== undefined && { maxPixels }),
  };
}
