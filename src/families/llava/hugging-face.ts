import type { ConfigReader } from "../../models/config-reader.js";
import type { HuggingFaceLayout } from "../convert-family.js";
import { huggingFaceParts } from "../parts/hugging-face.js";
import type { LlavaSpec } from "./spec.js";

/** Hugging Face's `LlavaForConditionalGeneration`. */
export const huggingFaceLlava: HuggingFaceLayout<LlavaSpec> = {
  architecture: "LlavaForConditionalGeneration",
  modelType: "llava",
  parse: (config: ConfigReader) => ({ family: "llava", ...huggingFaceParts(config) }),
};
