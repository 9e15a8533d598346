import type { LlavaParts } from "../../src/models/spec.js";
import { llava15Spec } from "./llava-15.js";

/** LLaVA-1.5's architecture at a size that converts in no time; grouped queries, sizes that are no multiples of 32. */
export function smallLlavaSpec(): LlavaParts {
  const full = llava15Spec(2, 3);
  return {
    ...full,
    vision: { ...full.vision, hiddenSize: 48, heads: 3, intermediateSize: 80, imageSize: 84 },
    projector: { ...full.projector, hiddenSize: 72 },
    language: {
      ...full.language,
      hiddenSize: 72,
      heads: 6,
      keyValueHeads: 2,
      headDim: 12,
      intermediateSize: 100,
      vocabularySize: 600,
    },
    imageTokenId: 599,
  };
}
