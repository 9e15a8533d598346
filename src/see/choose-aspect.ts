import { PrumergeError } from "../errors.js";
import type { RunFamily } from "../families/family.js";
import { runFamily } from "../families/run-registry.js";
import type { Aspect, PreprocessSpec } from "../image/preprocess-spec.js";
import type { ModelSpec } from "../models/spec.js";

/** Which views a model is shown of a picture that it sees in tiles: all, or the whole picture alone. */
export const viewKinds = ["all", "base"] as const;
export type Views = (typeof viewKinds)[number];

/** What is said of how a picture is shown. */
export interface PictureWay {
  /** Overrides how the model's own preprocessing takes squares from a picture. */
  readonly imageAspect?: Aspect;
  /**
   * `base`: the whole picture alone, which takes one run of the tower and no tile's tokens; `all`: its tiles too, also where the
   * prompt holds several pictures. The same for models that see one view anyway. Default: the model's own way.
   */
  readonly views?: Views;
  /**
   * How many pictures the prompt will hold, this one included, where they are seen one by one: some models are shown several
   * in another way than one (LLaVA-OneVision: each as one padded square instead of tiles). Default: as many as are given.
   */
  readonly pictures?: number;
  /**
   * Of a model that takes pictures of any size, the fewest and the most pixels that one is brought to, in place of its
   * processor's `min_pixels` and `max_pixels`: a smaller picture is fewer visual tokens, and less work for the tower. 1 .. 100,000,000.
   */
  readonly minPixels?: number;
  readonly maxPixels?: number;
}

/** What may be said of how a model is shown pictures, for programs that offer the choice. */
export interface WayChoices {
  /** Whether a picture is the whole and tiles, as many as its size wants, so that `views` says something. */
  readonly tiles: boolean;
  /** The fewest and most pixels of a model that takes pictures of any size, where nothing else is said; left out of others. */
  readonly area?: { readonly min: number; readonly max: number };
}

/** What of {@link PictureWay} a model takes. */
export function wayChoices(spec: ModelSpec, { area }: PreprocessSpec): WayChoices {
  return { tiles: runFamily(spec).tiles, ...(area && { area: { min: area.min, max: area.max } }) };
}

/**
 * How pictures become squares, where that is not the preprocessing's own way.
 *
 * @throws PrumergeError INVALID_OPTION for unknown words, for a number of pictures that holds none, and for two ways at once
 */
export function chooseAspect(
  { tiles, severalAspect }: Pick<RunFamily, "tiles" | "severalAspect">,
  { imageAspect, views, pictures = 1 }: PictureWay,
): Aspect | undefined {
  if (views !== undefined && !viewKinds.includes(views))
    throw refusal("views", viewKinds.join(" or "), JSON.stringify(views));
  if (!(Number.isSafeInteger(pictures) && pictures >= 1))
    throw refusal("pictures", "a whole number, 1 or more", String(pictures));
  if (imageAspect !== undefined && views !== undefined)
    throw refusal("views", "views or an image aspect, not both", `${views} and ${imageAspect}`);
  if (imageAspect !== undefined) return imageAspect;
  if (views !== undefined && tiles && (views === "all" || pictures === 1 || severalAspect === undefined))
    return views === "all" ? "anyres" : "stretch";
  return pictures > 1 ? severalAspect : undefined;
}

/** What is said of a picture's area. */
export function areaOf({ minPixels, maxPixels }: PictureWay): Pick<PictureWay, "minPixels" | "maxPixels"> {
  return {
    ...(minPixels !== undefined && { minPixels }),
    ...(maxPixels !== undefined && { maxPixels }),
  };
}

function refusal(where: string, expected: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "a picture cannot be shown so", { where, expected, found });
}
