import type { VisionAbility } from "./engine.js";
import type { GraphFiles } from "./model-folder.js";

/** What a vision graph of this form can do; a folder without one only says so when a picture is to be seen. */
export function visionAbility({ vision }: Pick<GraphFiles, "vision">): VisionAbility {
  if (vision?.form === "ours") return { kind: "reduces" };
  return vision?.bakedTokens === undefined
    ? { kind: "encodes" }
    : { kind: "baked", tokens: vision.bakedTokens };
}
