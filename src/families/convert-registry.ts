import { PrumergeError } from "../errors.js";
import { ConfigReader } from "../models/config-reader.js";
import type { ModelSpec } from "../models/spec.js";
import type { ConvertFamily, HuggingFaceClass, OriginalLayout } from "./convert-family.js";
import { llava } from "./llava/convert.js";
import { llavaNext } from "./llava-next/convert.js";
import { llavaOnevision } from "./llava-onevision/convert.js";
import { isOriginalLlava } from "./parts/original.js";
import { qwen2Vl, qwen3Vl, qwen25Vl } from "./qwen-vl/convert.js";
import type { FamilyName } from "./run-registry.js";
import { smolVlm } from "./smolvlm/convert.js";
import { videoLlava } from "./video-llava/convert.js";

export { isOriginalLlava };

/** Every family. Where several claim a configuration of the original code, the first counts. */
const families: Readonly<Record<FamilyName, ConvertFamily>> = {
  "video-llava": videoLlava,
  llava,
  "llava-onevision": llavaOnevision,
  "llava-next": llavaNext,
  smolvlm: smolVlm,
  "qwen2-vl": qwen2Vl,
  "qwen2.5-vl": qwen25Vl,
  "qwen3-vl": qwen3Vl,
};
const convertFamilies = Object.values(families);

/** The family of a spec. */
export function convertFamily({ family }: Pick<ModelSpec, "family">): ConvertFamily {
  const found = convertFamilies.find(({ name }) => name === family);
  if (found !== undefined) return found;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a model of a family that is not converted", {
    expected: convertFamilies.map(({ name }) => name).join(", "),
    found: JSON.stringify(family) ?? "nothing",
  });
}

/**
 * The family of a configuration in Hugging Face's layout.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL` for an architecture or a model type that is not converted
 */
export function huggingFaceFamily(config: ConfigReader): ConvertFamily {
  const layouts = convertFamilies.flatMap(classesOf);
  const named = config.raw("architectures");
  const lists = (architecture: string) => !Array.isArray(named) || named.includes(architecture);
  if (!layouts.some(({ architecture }) => lists(architecture)))
    throw config.unsupported("architectures", layouts.map(({ architecture }) => architecture).join(" or "));
  const type = config.choice(
    "model_type",
    layouts.map(({ modelType }) => modelType),
  );
  const isOf = ({ modelType }: HuggingFaceClass) => modelType === type;
  const family = convertFamilies.find((each) => classesOf(each).some(isOf))!;
  const { architecture } = classesOf(family).find(isOf)!;
  if (!lists(architecture))
    throw config.unsupported("architectures", `${architecture}, for model_type ${type}`);
  return family;
}

function classesOf({ huggingFace }: ConvertFamily): HuggingFaceClass[] {
  return [huggingFace, ...(huggingFace.others ?? [])];
}

/**
 * The family of a configuration of the original LLaVA code.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL` where none has such models
 */
export function originalFamily(
  config: ConfigReader,
): ConvertFamily & { readonly original: OriginalLayout<ModelSpec> } {
  const found = convertFamilies.find(({ original }) => original?.claims(config));
  if (found !== undefined) return found as ConvertFamily & { readonly original: OriginalLayout<ModelSpec> };
  const [merge, aspect] = [config.raw("mm_patch_merge_type"), config.raw("image_aspect_ratio")];
  throw config.unsupported(
    "mm_patch_merge_type with image_aspect_ratio",
    "those of a family that converts",
    `${merge ?? "flat"} with ${aspect ?? "square"}`,
  );
}

/**
 * Reads the `config.json` of a checkpoint in Hugging Face's layout, or of a model folder.
 *
 * @param config The parsed JSON.
 * @param where The file's path, for messages.
 * @throws PrumergeError `UNSUPPORTED_MODEL`, naming what we do not run, or `INVALID_FILE`.
 *
 * @example
 * ```ts
 * const spec = parseModelConfig(JSON.parse(text), "llava-1.5-7b-hf/config.json");
 * ```
 */
export function parseModelConfig(config: unknown, where: string): ModelSpec {
  const reader = new ConfigReader(config, where);
  if (isOriginalLlava(reader)) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a configuration of the original LLaVA layout", {
      where,
      expected: "text_config and vision_config",
      found: "mm_vision_tower",
      help: "Convert the checkpoint with its vision tower given.",
    });
  }
  return huggingFaceFamily(reader).huggingFace.parse(reader);
}
