import type { Aspect } from "../../image/preprocess-spec.js";
import type { LoadedModel } from "../../model/model.js";
import type { Views } from "../../see/choose-aspect.js";
import type { ReductionRequest } from "../schema/reduction.js";
import type { PictureReference } from "./picture-reader.js";

/** What OpenAI's `detail` means for a model that sees pictures in tiles. */
const viewsOfDetail: Readonly<Record<string, Views | undefined>> = { low: "base", high: "all" };

/**
 * How a request's picture becomes squares, where that is not the model's own way: as the request says for all of them, else
 * as the picture's own `detail` says.
 *
 * @param pictures how many the prompt holds
 * @throws PrumergeError INVALID_OPTION for two ways at once
 */
export function requestedAspect(
  model: Pick<LoadedModel, "imageAspectFor">,
  { image_aspect: imageAspect, views: wanted }: Pick<ReductionRequest, "image_aspect" | "views">,
  { detail = "auto" }: Pick<PictureReference, "detail">,
  pictures: number,
): Aspect | undefined {
  const views = wanted ?? (imageAspect === undefined ? viewsOfDetail[detail] : undefined);
  return model.imageAspectFor({ ...(imageAspect && { imageAspect }), ...(views && { views }), pictures });
}
