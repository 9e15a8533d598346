import { PrumergeError } from "../errors.js";
import { inverseNorms } from "../tensor/cosine.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * How much each patch has to do with a question, float32 [N]: the cosine of the patch behind the projector with the mean of
 * the language model's own embeddings of the question's words. Larger is more.
 *
 * A stand-in. CDPruner compares patches with the question in CLIP's space of pictures and texts, by a text tower that
 * checkpoints of LLaVA do not hold; this is the one space that they have for both. OpenVINO GenAI takes the same mean for the
 * same end (its `cdpruner`).
 *
 * @param patches behind the projector, [N, D]
 * @param words embeddings of the question's tokens, [M, D]
 * @throws PrumergeError INVALID_TENSOR for widths that differ, or no word
 */
export function wordRelevance(patches: Matrix, words: Matrix): Float32Array {
  const { rows, columns, data } = patches;
  if (words.columns !== columns || words.rows < 1) {
    throw new PrumergeError("INVALID_TENSOR", "patches and words lie in different spaces", {
      where: "words",
      expected: `[1 or more, ${columns}]`,
      found: `[${words.rows}, ${words.columns}]`,
    });
  }
  const mean = new Float64Array(columns);
  for (let at = 0; at < words.data.length; at++) mean[at % columns] += words.data[at] / words.rows;
  const norm = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
  const inverse = inverseNorms(patches);
  return Float32Array.from({ length: rows }, (_, patch) => {
    let dot = 0;
    for (let c = 0; c < columns; c++) dot += data[patch * columns + c] * mean[c];
    return norm === 0 ? 0 : (dot * inverse[patch]) / norm;
  });
}
