import type { z } from "zod";
import { PrumergeError } from "../errors.js";
import type { View } from "../image/picture.js";
import type { modelParts, nativeTowerSchema } from "./part-schemas.js";

/**
 * What a model is made of, whichever checkpoint layout it came from: what all families share. All sizes in elements. Each
 * family's own spec (`families/<name>/spec.ts`) extends it.
 */
export interface ModelSpec {
  /** Name of the family: a folder in `families/`, which alone knows what it means. */
  readonly family: string;
  readonly vision: VisionTowerSpec | NativeTowerSpec;
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
export interface LlavaParts extends Omit<SquareModelSpec, "blockSide"> {
  readonly projector: ProjectorSpec;
}

type Parts = typeof modelParts;

export type VisionTowerSpec = z.infer<Parts["vision"]>;
export type NativeTowerSpec = z.infer<typeof nativeTowerSchema>;
export type ProjectorSpec = z.infer<Parts["projector"]>;
export type LanguageModelSpec = z.infer<Parts["language"]>;
/** Rotary position embedding; `theta` is the base. Formulas: transformers `modeling_rope_utils.py`. */
export type RopeSpec = LanguageModelSpec["rope"];

/** A model whose tower takes squares of one size. */
export interface SquareModelSpec extends ModelSpec {
  readonly vision: VisionTowerSpec;
}

/**
 * The model as one whose tower takes squares.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL for a tower that takes pictures of any size
 */
export function squareModel(spec: ModelSpec): SquareModelSpec {
  const { vision } = spec;
  if (takesSquares(vision)) return { ...spec, vision };
  throw new PrumergeError("UNSUPPORTED_MODEL", "a vision tower that takes pictures of any size", {
    expected: "squares of one size",
    found: spec.family,
  });
}

/** Whether a tower takes squares of one size, so that a picture's patches are known before it is seen. */
export function takesSquares(vision: ModelSpec["vision"]): vision is VisionTowerSpec {
  return "imageSize" in vision;
}

/** Side of the smallest square that a tower takes, pixels. */
export function smallestSide(vision: ModelSpec["vision"]): number {
  return takesSquares(vision) ? vision.imageSize : vision.patchSize * vision.mergeSize;
}

/** Numbers in a row of the language model's input: D, and as many again for each vector that is added behind a layer. */
export function rowWidth({ hiddenSize, deepRows = 0 }: LanguageModelSpec): number {
  return hiddenSize * (1 + deepRows);
}

/** How many coordinates a position has in the language model. */
export function positionAxes({ rope }: LanguageModelSpec): 1 | 3 {
  return rope.kind === "default" && rope.axes !== undefined ? 3 : 1;
}

/** Side of the patch grid. */
export function gridSide(vision: Pick<VisionTowerSpec, "imageSize" | "patchSize">): number {
  return Math.floor(vision.imageSize / vision.patchSize);
}

/** Side of the grid of what becomes a visual token each: patches, or blocks of them. */
export function siteSide({ vision, blockSide = 1 }: Pick<SquareModelSpec, "vision" | "blockSide">): number {
  return gridSide(vision) / blockSide;
}

/** What becomes a visual token each, of one view. */
export function siteCount(spec: Pick<SquareModelSpec, "vision" | "blockSide">): number {
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
