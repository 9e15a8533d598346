import type { PixelValues, RawPicture } from "../image/index.js";
import { isRawPicture } from "../image/raw-picture.js";
import { asTheyAre, type PixelReader } from "../model/picture-input.js";
import type { PortCaller } from "./port-caller.js";
import type { TransferredPicture } from "./worker-setup.js";

/**
 * A picture in any form that a page has: a file or its bytes, something drawn (an image, canvas, video frame or bitmap),
 * pixels, or a tower's pixel values.
 */
export type BrowserImage =
  | Blob
  | Uint8Array<ArrayBuffer>
  | ArrayBuffer
  | ImageBitmapSource
  | RawPicture
  | PixelValues;

/** Has pictures decoded and resized by a worker; what only the page can read is drawn into a bitmap first. */
export function pictureReader(worker: PortCaller): PixelReader<BrowserImage> {
  return async (image, spec, { shown = {} }) => {
    if (isPixelValues(image)) return asTheyAre(image, shown);
    return worker.call<PixelValues>("readPixels", await toTransferred(image), spec, shown);
  };
}

async function toTransferred(image: Exclude<BrowserImage, PixelValues>): Promise<TransferredPicture> {
  if (image instanceof Blob) return image;
  if (image instanceof ArrayBuffer || image instanceof Uint8Array) return new Blob([image]);
  if (isRawPicture(image))
    return { width: image.width, height: image.height, data: image.data as Uint8Array };
  return createImageBitmap(image);
}

function isPixelValues(image: BrowserImage): image is PixelValues {
  return "views" in image && Array.isArray(image.views);
}
