import type { PixelValues, RawPicture } from "../image/index.js";
import { isRawPicture } from "../image/raw-picture.js";
import { asTheyAre, type SourceReader } from "../model/picture-input.js";
import { headLength, isAnimation, looksLikeVideo } from "../video/file-kind.js";
import { usualLimits } from "./decode-picture.js";
import type { PortCaller } from "./port-caller.js";
import { addressOf, fetchPart, fetchWithin } from "./video/address.js";
import { openVideo } from "./video/open-video.js";
import type { TransferredPicture } from "./worker-setup.js";

/**
 * A picture or a video in any form that a page has: a file or its bytes, its address, something drawn (an image, canvas, video
 * frame or bitmap), pixels, or a tower's pixel values. A video is told by its bytes; an animation is one where something is asked of its frames.
 */
export type BrowserImage =
  | Blob
  | Uint8Array<ArrayBuffer>
  | ArrayBuffer
  | string
  | URL
  | ImageBitmapSource
  | RawPicture
  | PixelValues;

/**
 * Has pictures decoded and resized by a worker; what only the page can read is drawn into a bitmap first. Videos are opened by
 * {@link openVideo} with its usual limits.
 */
export function sourceReader(worker: PortCaller): SourceReader<BrowserImage> {
  return {
    async pixels(image, spec, { shown = {}, signal }) {
      if (isPixelValues(image)) return asTheyAre(image, shown);
      return worker.call<PixelValues>("readPixels", await toTransferred(image, signal), spec, shown);
    },
    async video(image, { frames, signal }) {
      if (!isFile(image)) return undefined;
      const head = await readHead(image, signal);
      return looksLikeVideo(head) || (frames && isAnimation(head)) ? openVideo(image) : undefined;
    },
  };
}

type FileSource = Blob | Uint8Array<ArrayBuffer> | ArrayBuffer | string | URL;

function isFile(image: BrowserImage): image is FileSource {
  return (
    [Blob, Uint8Array, ArrayBuffer, URL].some((kind) => image instanceof kind) || typeof image === "string"
  );
}

async function readHead(image: FileSource, signal?: AbortSignal): Promise<Uint8Array> {
  if (typeof image === "string" || image instanceof URL)
    return (await fetchPart(addressOf(image), 0, headLength, fetching(signal))).bytes;
  if (image instanceof Blob) return new Uint8Array(await image.slice(0, headLength).arrayBuffer());
  return new Uint8Array(image.slice(0, headLength));
}

/** What is taken of an address at most; a video's own limits hold afterwards. */
function fetching(signal: AbortSignal = new AbortController().signal, maxBytes = Number.POSITIVE_INFINITY) {
  return { signal, maxBytes };
}

async function toTransferred(
  image: Exclude<BrowserImage, PixelValues>,
  signal?: AbortSignal,
): Promise<TransferredPicture> {
  if (image instanceof Blob) return image;
  if (image instanceof ArrayBuffer || image instanceof Uint8Array) return new Blob([image]);
  if (typeof image === "string" || image instanceof URL) {
    const response = await fetchWithin(addressOf(image), {}, fetching(signal, usualLimits.maxBytes));
    return response.blob();
  }
  if (isRawPicture(image))
    return { width: image.width, height: image.height, data: image.data as Uint8Array };
  return createImageBitmap(image);
}

function isPixelValues(image: BrowserImage): image is PixelValues {
  return typeof image === "object" && "views" in image && Array.isArray(image.views);
}
