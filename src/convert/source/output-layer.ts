import { embeddingWeight, outputWeight } from "../../graphs/names.js";
import type { Notes } from "./notes.js";
import { sameValues } from "./same-values.js";
import type { StoredTensor } from "./tensor-source.js";

/** A language model's tensors, and whether its output layer is its embedding table. */
export interface LanguageTensors {
  readonly tensors: Map<string, StoredTensor>;
  readonly tied: boolean;
}

/**
 * Settles whether the output layer is the embedding table: by what is stored first, by the configuration's word where
 * only one of the two is, as transformers 5 does on loading.
 *
 * - Both are stored: each keeps its place, unless the configuration says tied and the values are the same.
 * - One is stored and the configuration says tied: it is both, whichever it is.
 * - One is stored and the configuration does not say tied: the other is missing, which is refused where all tensors are
 *   checked.
 *
 * @param claimed what the configuration says
 * @returns a new table without an output layer that only repeats the embeddings
 */
export async function settleOutputLayer(
  stored: ReadonlyMap<string, StoredTensor>,
  claimed: boolean,
  notes: Notes,
): Promise<LanguageTensors> {
  const tensors = new Map(stored);
  if (!claimed) return { tensors, tied: false };
  const [embedding, output] = [stored.get(embeddingWeight), stored.get(outputWeight)];
  if (embedding !== undefined && output !== undefined && !(await sameValues(embedding, output))) {
    notes.add(
      "config.json says that the output layer is the embedding table (tie_word_embeddings), but the checkpoint stores " +
        "two tables that differ: both are kept, as transformers 5 does (transformers 4 dropped the output layer)",
    );
    return { tensors, tied: false };
  }
  tensors.delete(outputWeight);
  if (embedding === undefined && output !== undefined) tensors.set(embeddingWeight, output);
  return { tensors, tied: true };
}
