import { join } from "node:path";
import { type Json, readOptionalJson } from "./json-file.js";

/**
 * The video processor's settings of a folder: `video_processor` of `processor_config.json`, else
 * `video_preprocessor_config.json`; undefined where it has none. Source: transformers 5.24 `BaseVideoProcessor.get_video_processor_dict`.
 */
export async function readVideoProcessor(folder: string): Promise<Json | undefined> {
  const [processor, own] = await Promise.all(
    ["processor_config.json", "video_preprocessor_config.json"].map((name) =>
      readOptionalJson(join(folder, name)),
    ),
  );
  const nested = processor?.video_processor;
  return typeof nested === "object" && nested !== null && !Array.isArray(nested) ? (nested as Json) : own;
}
