import type { DecoderSettings } from "./decoder-settings.js";
import { EncodingVision } from "./encoding-vision.js";
import { LanguageSessions } from "./language-side.js";
import type { GraphFiles } from "./model-folder.js";
import type { OnnxRuntime, SessionOptions } from "./session.js";
import type { LanguageSide, VisionSide } from "./sides.js";
import { ReducingVision } from "./vision-side.js";

/** The vision half in this thread, in the form that the folder has. */
export function localVision(runtime: OnnxRuntime, files: GraphFiles, options: SessionOptions): VisionSide {
  return files.vision?.form === "common"
    ? new EncodingVision(runtime, files, options)
    : new ReducingVision(runtime, files, options);
}

/** The language half in this thread. */
export function localLanguage(
  runtime: OnnxRuntime,
  files: GraphFiles,
  options: SessionOptions,
  decoder?: DecoderSettings,
): LanguageSide {
  return new LanguageSessions(runtime, files, options, decoder);
}
