/**
 * Pictures: decoding files, Pillow's resizing, and the preprocessing of CLIP, SigLIP, LLaVA and LLaVA-NeXT.
 *
 * @module prumerge/image
 */
export type { AlphaRule } from "./colour.js";
export { type DecodeOptions, decodePicture, type PictureSource } from "./decode.js";
export type { ResampleFilter, Resampler } from "./filter.js";
export { preprocessFrames } from "./frames.js";
export { parsePreprocessing } from "./parse-preprocessing.js";
export type { Picture, PixelValues, View } from "./picture.js";
export { type PreprocessOptions, preprocess } from "./preprocess.js";
export type { Aspect, FrameSettings, PreprocessSpec, VideoPreprocess } from "./preprocess-spec.js";
export type { RawPicture } from "./raw-picture.js";
export type { EncodedSource } from "./read-source.js";
export { resizePicture } from "./resize.js";
export type { Canvas, Rectangle, ResizeOptions } from "./resize-options.js";
export type { TileGrid } from "./tiles/grid.js";
