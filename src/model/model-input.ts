import { PrumergeError } from "../errors.js";
import { decodePicture, type PictureSource, type PixelValues, preprocess } from "../image/index.js";
import { asTheyAre, type PixelReader } from "./picture-input.js";

/** A picture in any form: a path, file URL, bytes or Blob of a picture file, decoded pixels, or a tower's pixel values. */
export type ImageInput = PictureSource | PixelValues;

/** Pixel values of a picture; those handed in already are taken as they are. */
export const readPixels: PixelReader<ImageInput> = async (image, spec, options) => {
  const { shown = {}, signal, number } = options;
  if (isPixelValues(image)) return asTheyAre(image, shown);
  const picture = await decodePicture(image, signal && { signal }).catch((error: unknown) => {
    throw number === undefined ? error : namePicture(error, number);
  });
  return preprocess(picture, spec, shown);
};

/** The error with the number of the picture, 1 or more, where nothing else says which of several it is about. */
function namePicture(error: unknown, number: number): unknown {
  if (!PrumergeError.isInstance(error)) return error;
  const { where = "picture", ...details } = error.details;
  if (where !== "picture" || error.code === "ABORTED") return error;
  return new PrumergeError(error.code, error.summary, { ...details, where: `picture ${number}` });
}

/** Whether a value is a tower's input already. */
function isPixelValues(image: ImageInput): image is PixelValues {
  return typeof image === "object" && "views" in image && Array.isArray(image.views);
}
