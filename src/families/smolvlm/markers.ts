import type { Grid } from "../../reduce/sites.js";

/** Stands before and after every view; no tile closes with one of its own where another follows. */
const border = "<fake_token_around_image>";
const whole = `${border}<global-img>`;

/**
 * What a prompt says around a picture's visual tokens, before each view's and after the last: a tile's row and column, a new
 * line after each row of tiles, and one more before the whole picture. It is text, to be tokenised as it stands: whether
 * two new lines are one token is the tokenizer's matter. Source: transformers' `Idefics3Processor.replace_image_token`.
 *
 * @param tiles left out where a picture has none
 */
export function markers(tiles: Grid | undefined): string[] {
  if (tiles === undefined) return [whole, border];
  const places = Array.from({ length: tiles.rows * tiles.columns }, (_, tile) => {
    const [row, column] = [Math.floor(tile / tiles.columns), tile % tiles.columns];
    const newLine = column === 0 && row > 0 ? "\n" : "";
    return `${newLine}${border}<row_${row + 1}_col_${column + 1}>`;
  });
  return [...places, `\n\n${whole}`, border];
}
