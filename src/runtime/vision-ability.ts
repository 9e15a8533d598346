import { programs } from "../graphs/reduction/programs.js";
import type { VisionAbility } from "./engine.js";
import type { GraphFiles } from "./model-folder.js";

/** What a vision graph of this form can do; a folder without one only says so when a picture is to be seen. */
export function visionAbility({ vision }: Pick<GraphFiles, "vision">): VisionAbility {
  if (vision?.form === "ours")
    return { kind: "reduces", ...(vision.others !== undefined && { others: vision.others }) };
  return vision?.bakedTokens === undefined
    ? { kind: "encodes" }
    : { kind: "baked", tokens: vision.bakedTokens };
}

/** Names of the reductions that a model's vision graphs hold: folders of earlier versions, and pages, lack the later ones. */
export function programsOf(vision: VisionAbility): readonly string[] {
  return vision.kind === "reduces" ? [programs[0].name, ...(vision.others ?? [])] : [];
}
