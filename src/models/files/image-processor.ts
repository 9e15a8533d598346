import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { type Json, readOptionalJson } from "./json-file.js";

/**
 * The image processor's settings of a folder: `preprocessor_config.json`, else that part of `processor_config.json`.
 *
 * @throws PrumergeError `NOT_FOUND` where the folder has neither.
 */
export async function readImageProcessor(folder: string): Promise<Json> {
  const own = await readOptionalJson(join(folder, "preprocessor_config.json"));
  if (own !== undefined) return own;
  const { image_processor: nested } = (await readOptionalJson(join(folder, "processor_config.json"))) ?? {};
  if (typeof nested === "object" && nested !== null) return nested as Json;
  throw new PrumergeError("NOT_FOUND", "no image processor settings", {
    where: folder,
    expected: "preprocessor_config.json",
  });
}
