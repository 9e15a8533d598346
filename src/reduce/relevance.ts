import { PrumergeError } from "../errors.js";
import { inverseNorms } from "../tensor/cosine.js";
import type { Matrix } from "../tensor/matrix.js";
import type { Signals } from "./signals.js";

/**
 * How much each patch has to do with a question, as CDPruner takes it, float32 [N]: minus the mean cosine of the patch's
 * embedding with those of the question's parts; the sign is the released program's. Larger is more, and the scale is free.
 *
 * @param patches embeddings of the patches in the space that picture and text share, [N, E]
 * @param question of the question's parts, 77 tokens each at most, [M, E]
 * @throws PrumergeError INVALID_TENSOR for widths that differ
 */
export function questionRelevance(patches: Matrix, question: Matrix): Float32Array {
  const { rows, columns } = patches;
  if (question.columns !== columns || question.rows < 1) {
    throw new PrumergeError("INVALID_TENSOR", "patches and question lie in different spaces", {
      where: "question",
      expected: `[1 or more, ${columns}]`,
      found: `[${question.rows}, ${question.columns}]`,
    });
  }
  const [patchNorms, textNorms] = [inverseNorms(patches), inverseNorms(question)];
  return Float32Array.from({ length: rows }, (_, patch) => {
    let sum = 0;
    for (let part = 0; part < question.rows; part++) {
      let dot = 0;
      for (let c = 0; c < columns; c++) {
        dot += patches.data[patch * columns + c] * question.data[part * columns + c];
      }
      sum += dot * patchNorms[patch] * textNorms[part];
    }
    return -sum / question.rows;
  });
}

/** The relevance of each patch, [N]; INVALID_TENSOR where it was not gathered. */
export function relevanceOf({ relevance }: Signals): Float32Array {
  if (relevance !== undefined) return relevance;
  throw new PrumergeError("INVALID_TENSOR", "a reducer reads what was not gathered for it", {
    where: "relevance",
    expected: "the relevance of each patch to a question, for a reducer with need: { relevance: true }",
    found: "signals without it",
  });
}
