import type { PixelValues, PreprocessOptions, PreprocessSpec, RawPicture } from "../image/index.js";
import type { GraphFiles } from "../runtime/index.js";
import type { WebRuntimeSettings } from "../runtime/ort-web.js";

/** What the worker is started with, in its first message. */
export interface WorkerSetup {
  readonly graphs: GraphFiles;
  readonly runtime: WebRuntimeSettings;
  /** One port for each thing that the worker holds. */
  readonly vision: MessagePort;
  readonly language: MessagePort;
  readonly pictures: MessagePort;
}

/** A picture in a form that can be handed to a worker. */
export type TransferredPicture = Blob | ImageBitmap | RawPicture;

/** Pictures are decoded and resized where the page does not wait for it. */
export interface PictureSide {
  readPixels(
    picture: TransferredPicture,
    spec: PreprocessSpec,
    shown: PreprocessOptions,
  ): Promise<PixelValues>;
  dispose(): Promise<void>;
}
