import type { z } from "zod";
import type { View } from "../image/picture.js";
import type { modelParts } from "./part-schemas.js";

/**
 * What a model is made of, whichever checkpoint layout it came from: what all families share. All sizes in elements. Each
 * family's own spec (`families/<name>/spec.ts`) extends it.
 */
export interface ModelSpec {
  /** Name of the family: a folder in `families/`, which alone knows what it means. */
  readonly family: string;
  readonly vision: VisionTowerSpec;
  /** LLaVA's projector; absent where a family has another. */
  readonly projector?: ProjectorSpec;
  readonly language: LanguageModelSpec;
  /** Hidden state that feeds the projector, as an index into [embeddings, layer 0, ...]; already non-negative. */
  readonly featureLayer: number;
  /** `default` drops the class token before the projector, `full` keeps every token. */
  readonly selectStrategy: "default" | "full";
  /** Placeholder id that stands for the visual tokens in a prompt. */
  readonly imageTokenId: number;
  /** Patches along each side of the square block that becomes one visual token; left out: 1, each patch is one. */
  readonly blockSide?: number;
}

/** Of families with LLaVA's projector, of which each patch becomes a visual token. */
export interface LlavaParts extends Omit<ModelSpec, "blockSide"> {
  readonly projector: ProjectorSpec;
}

type Parts = typeof modelParts;

export type VisionTowerSpec = z.infer<Parts["vision"]>;
export type ProjectorSpec = z.infer<Parts["projector"]>;
export type LanguageModelSpec = z.infer<Parts["language"]>;
/** Rotary position embedding; `theta` is the base. Formulas: transformers `modeling_rope_utils.py`. */
export type RopeSpec = LanguageModelSpec["rope"];

/** Side of the patch grid. */
export function gridSide(vision: Pick<VisionTowerSpec, "imageSize" | "patchSize">): number {
  return Math.floor(vision.imageSize / vision.patchSize);
}

/** Side of the grid of what becomes a visual token each: patches, or blocks of them. */
export function siteSide({ vision, blockSide = 1 }: Pick<ModelSpec, "vision" | "blockSide">): number {
  return gridSide(vision) / blockSide;
}

/** What becomes a visual token each, of one view. */
export function siteCount(spec: Pick<ModelSpec, "vision" | "blockSide">): number {
  return siteSide(spec) ** 2;
}

/** Number of patches. */
export function patchCount(vision: VisionTowerSpec): number {
  return gridSide(vision) ** 2;
}

/**
 * The part of a tower's square that its patches cover: all of it, but for pixels to the right and at the bottom that make
 * no whole patch (384 = 27 x 14 + 6).
 */
export function gridView(
  view: View["rectangle"],
  vision: Pick<VisionTowerSpec, "imageSize" | "patchSize">,
): View["rectangle"] {
  const share = (gridSide(vision) * vision.patchSize) / vision.imageSize;
  return { ...view, width: view.width * share, height: view.height * share };
}

/**
 * Rows that stand before the reduced ones whatever the settings: 1 where a tower with a class token is used with the
 * `full` strategy, since the unreduced model hands the class token to the language model as its first visual token;
 * else 0. The vision graph's `count` does not include them: take them off a budget before feeding it.
 */
export function classTokenRows({ vision, selectStrategy }: ModelSpec): 0 | 1 {
  return vision.classToken && selectStrategy === "full" ? 1 : 0;
}
