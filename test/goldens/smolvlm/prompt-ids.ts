import type { VisualTokens } from "prumerge";
import { type PromptTokenizer, splice, unitTokens } from "../../../src/generate/prompt.js";

/** A picture as far as a prompt's ids depend on it. */
export interface PromptPicture {
  readonly texts: readonly string[];
  /** Visual tokens between the texts. */
  readonly rows: readonly number[];
}

/** The ids of a prompt, in which every visual token is one of the image token's. */
export function promptIds(
  text: string,
  pictures: readonly PromptPicture[],
  { tokenizer, imageTokenId }: Pick<PromptTokenizer, "tokenizer" | "imageTokenId">,
): number[] {
  const tokens = pictures.map(({ texts, rows }) => {
    const runs = rows.map((count) => ({
      embeddings: { rows: count, columns: 1, data: new Float32Array(count) },
    }));
    return { parted: { texts, runs } } as unknown as VisualTokens;
  });
  const prompts = { tokenizer, bosToken: undefined, imageToken: "<image>", imageTokenId };
  return splice(text, tokens, prompts).flatMap((unit) =>
    typeof unit === "number" ? [unit] : Array<number>(unitTokens(unit)).fill(imageTokenId),
  );
}
