import { PrumergeError } from "../errors.js";
import type { Engine, Position } from "../runtime/engine.js";
import type { RowPlace } from "../see/row-place.js";
import type { RowRun } from "../see/row-runs.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import type { WorkClock } from "../see/work-clock.js";
import type { Matrix } from "../tensor/matrix.js";
import type { LiteralTokenizer } from "./literal-tokenizer.js";
import type { TextTokenizer } from "./tokenizer.js";

/** One step of a prompt: a token id, or rows of a picture, all of them or those between two texts of the model's. */
export type PromptUnit = number | RowRun;

export interface PromptTokenizer {
  readonly tokenizer: TextTokenizer;
  /** Text of the beginning-of-sequence token; undefined where the tokenizer has none. */
  readonly bosToken: string | undefined;
  readonly imageToken: string;
  readonly imageTokenId: number;
  /** What stands for a picture in the text; default: the image token. */
  readonly place?: string;
  /** For texts that say the image token. */
  readonly literal: () => LiteralTokenizer;
}

/**
 * Tokenises a prompt as transformers does (special tokens are added unless the text begins with the BOS token already)
 * and puts each picture in the place of its image token, with the texts that its model has around the rows.
 *
 * @throws PrumergeError INVALID_OPTION where the numbers of image tokens and pictures differ
 */
export function splice(
  text: string,
  pictures: readonly VisualTokens[],
  { tokenizer, bosToken, imageToken, imageTokenId, place = imageToken }: Omit<PromptTokenizer, "literal">,
): PromptUnit[] {
  const refuse = (places: number) =>
    new PrumergeError("INVALID_OPTION", "a prompt must hold one image token for each picture", {
      expected: `${pictures.length} times ${imageToken}`,
      found: `${places} in the prompt`,
      help: "Image parts of messages give pictures their places, and leave texts as they are",
    });
  const whole = withTexts(text, pictures, place, refuse);
  const ids: number[] = tokenizer.encode(whole, { add_special_tokens: !beginsWith(whole, bosToken) }).ids;
  const runs = pictures.flatMap(runsOf);
  const places = ids.filter((id) => id === imageTokenId).length;
  if (places !== runs.length) throw refuse(places);
  const rest = runs.values();
  return ids.map((id) => (id === imageTokenId ? (rest.next().value as RowRun) : id));
}

/** A picture's steps in a prompt. */
export function runsOf(picture: VisualTokens): readonly RowRun[] {
  return picture.parted?.runs ?? [picture];
}

/** The prompt with each picture's own texts around places for its runs. */
function withTexts(
  text: string,
  pictures: readonly VisualTokens[],
  place: string,
  refuse: (places: number) => PrumergeError,
): string {
  if (pictures.every(({ parted }) => parted === undefined)) return text;
  const [first, ...pieces] = text.split(place);
  if (pieces.length !== pictures.length) throw refuse(pieces.length);
  return pieces.reduce((sum, piece, at) => {
    const { texts = ["", ""], beside: [before, after] = ["", ""] } = pictures[at]!.parted ?? {};
    return `${without(sum, before, sum.length - before.length)}${texts.join(place)}${without(piece, after, 0)}`;
  }, first!);
}

/** A text without another that stands in it at some place. */
function without(text: string, other: string, at: number): string {
  return text.startsWith(other, at) ? text.slice(0, at) + text.slice(at + other.length) : text;
}

/** Whether a prompt has its beginning-of-sequence token already, so that the tokenizer adds none. */
export function beginsWith(text: string, bosToken: string | undefined): boolean {
  return bosToken !== undefined && bosToken !== "" && text.startsWith(bosToken);
}

/** Tokens that units take in the language model's context. */
export function countTokens(units: readonly PromptUnit[]): number {
  return units.reduce((sum: number, unit) => sum + unitTokens(unit), 0);
}

/** 1 for an id, R for a picture. */
export function unitTokens(unit: PromptUnit): number {
  return typeof unit === "number" ? 1 : unit.embeddings.rows;
}

/** Positions that units take: as many as tokens, but for pictures whose rows have places of their own. */
export function countPositions(units: readonly PromptUnit[]): number {
  return units.reduce((sum: number, unit) => sum + unitPositions(unit), 0);
}

/** 1 for an id, and for a picture by how much what follows stands behind where it began. */
export function unitPositions(unit: PromptUnit): number {
  return typeof unit === "number" || unit.place === undefined ? unitTokens(unit) : unit.place.advance;
}

/** Where a part of a prompt stands: a position for each of its rows, and that of whatever comes after it. */
export interface PromptPlaces {
  readonly positions: readonly Position[];
  /** What each row's key adds to attention; left out where it is 0 for all. */
  readonly bias?: Float32Array;
  readonly next: number;
}

/** The places of a prompt's units from number `from` on. */
export function promptPlaces(units: readonly PromptUnit[], from: number): PromptPlaces {
  let next = countPositions(units.slice(0, from));
  const positions: Position[] = [];
  const biased = units.slice(from).some((unit) => typeof unit !== "number" && unit.bias !== undefined);
  const bias: number[] = [];
  for (const unit of units.slice(from)) {
    const place = typeof unit === "number" ? undefined : unit.place;
    const own = typeof unit === "number" ? undefined : unit.bias;
    for (let row = 0; row < unitTokens(unit); row++) {
      positions.push(place === undefined ? next + row : placedRow(place, row, next));
      bias.push(own?.[row] ?? 0);
    }
    next += unitPositions(unit);
  }
  return { positions, ...(biased && { bias: Float32Array.from(bias) }), next };
}

function placedRow({ at, rows, columns }: RowPlace, row: number, start: number): Position {
  if (rows === undefined || columns === undefined) return start + at[row]!;
  return [start + at[row]!, start + rows[row]!, start + columns[row]!];
}

/** What the language model is fed: ids where there are only ids, else embeddings with the pictures' rows in place. */
export async function promptRows(
  engine: Engine,
  units: readonly PromptUnit[],
  signal?: AbortSignal,
  clock?: WorkClock,
): Promise<Matrix | number[]> {
  const ids = units.filter((unit) => typeof unit === "number");
  if (ids.length === units.length) return ids;
  const embedded = ids.length > 0 ? engine.embed(ids, signal) : undefined;
  const words = await (embedded && clock ? clock.during(embedded) : embedded);
  const columns = units.find((unit) => typeof unit !== "number")!.embeddings.columns;
  const data = new Float32Array(countTokens(units) * columns);
  let word = 0;
  let at = 0;
  for (const unit of units) {
    const row =
      typeof unit === "number"
        ? words!.data.subarray(word * columns, ++word * columns)
        : unit.embeddings.data;
    data.set(row, at);
    at += row.length;
  }
  return { rows: data.length / columns, columns, data };
}
