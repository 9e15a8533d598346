import type { Json } from "../../models/files/json-file.js";
import { tokenText } from "../../models/files/named-tokens.js";
import { tokenIds } from "../../models/files/special-tokens.js";
import { readRows } from "./read-rows.js";
import type { StoredTensor } from "./tensor-source.js";

/** Text of the placeholder for visual tokens, in every LLaVA prompt. */
const imageToken = "<image>";

/**
 * The tokenizer with the image token in it, for checkpoints of the original layout, whose code cuts prompts at the text
 * `<image>` instead. A token that is there already keeps its id; a new one comes after all ids in use.
 *
 * @param vocabularySize Rows of the embedding table.
 */
export function addImageToken(
  tokenizer: Json,
  vocabularySize: number,
  where: string,
): { readonly tokenizer: Json; readonly imageTokenId: number } {
  const ids = tokenIds(tokenizer, where);
  const added = (tokenizer.added_tokens ?? []) as readonly Json[];
  const known = ids.get(imageToken);
  if (known !== undefined && added.some(({ content }) => content === imageToken)) {
    return { tokenizer, imageTokenId: known };
  }
  let imageTokenId = known ?? vocabularySize;
  if (known === undefined) for (const id of ids.values()) imageTokenId = Math.max(imageTokenId, id + 1);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const entry = { id: imageTokenId, content: imageToken, ...flags };
  return { tokenizer: { ...tokenizer, added_tokens: [...added, entry] }, imageTokenId };
}

/**
 * Appends rows to the embedding table or output layer that repeat the unknown token's. In the output layer a new token
 * then always scores as the unknown token does, which comes first, so that it is never the best one and changes no
 * other score (a row of zeros would win wherever all scores are negative). In the embedding table the new rows are
 * never used, since visual tokens take the placeholder's place.
 */
export async function repeatRow(table: StoredTensor, row: number, times: number): Promise<StoredTensor> {
  if (times === 0) return table;
  const values = await readRows(table, row, row + 1);
  return { ...table, extraRows: Array.from({ length: times }, () => values) };
}

/** The id whose row new tokens repeat: the unknown token, else the padding token, else the last row. */
export function unknownTokenId(tokenizer: Json, tokenizerConfig: Json, rows: number, where: string): number {
  const ids = tokenIds(tokenizer, where);
  for (const token of [tokenizerConfig.unk_token, tokenizerConfig.pad_token, "<unk>"]) {
    const id = ids.get(tokenText(token) ?? "");
    if (id !== undefined && id < rows) return id;
  }
  return rows - 1;
}
