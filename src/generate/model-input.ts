import {
  decodePicture,
  type PictureSource,
  type PixelValues,
  type PreprocessSpec,
  preprocess,
} from "../image/index.js";

/** A picture in any form: a path, file URL, bytes or Blob of a picture file, decoded pixels, or a tower's pixel values. */
export type ImageInput = PictureSource | PixelValues;

/** Pixel values of a picture; those handed in already are taken as they are. */
export async function toPixelValues(
  image: ImageInput,
  spec: PreprocessSpec,
  options: { readonly aspect?: "crop" | "pad" | "stretch"; readonly signal?: AbortSignal },
): Promise<PixelValues> {
  if (isPixelValues(image)) return image;
  const { aspect, signal } = options;
  const picture = await decodePicture(image, signal && { signal });
  return preprocess(picture, spec, aspect && { aspect });
}

function isPixelValues(image: ImageInput): image is PixelValues {
  return (
    typeof image === "object" && "size" in image && "data" in image && image.data instanceof Float32Array
  );
}
