import { PrumergeError } from "../errors.js";
import type { VisualTokens } from "../see/visual-tokens.js";

/** What transformers' prompts have for a video. */
const videoToken = "<video>";

/**
 * A prompt written out, with the image token where it says `<video>`: the rows that take the place are told apart by what was seen.
 *
 * @throws PrumergeError INVALID_OPTION where a place of a video is a picture's turn
 */
export function withVideoPlaces(
  prompt: string,
  seen: readonly Pick<VisualTokens, "video">[],
  imageToken: string,
): string {
  if (!seen.some(({ video }) => video !== undefined)) return prompt;
  let turn = 0;
  return prompt
    .split(new RegExp(`(${[videoToken, imageToken].map(escapeWord).join("|")})`))
    .reduce((text, piece) => {
      if (piece !== videoToken && piece !== imageToken) return text + piece;
      const one = seen[turn++];
      if (piece === videoToken && one !== undefined && one.video === undefined) {
        throw new PrumergeError("INVALID_OPTION", "a prompt has a video's place where a picture comes", {
          where: `place ${turn}`,
          expected: imageToken,
          found: videoToken,
        });
      }
      return text + imageToken;
    }, "");
}

function escapeWord(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
