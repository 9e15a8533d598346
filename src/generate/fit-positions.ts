import type { RowPlace } from "../see/row-place.js";
import type { RowRun } from "../see/row-runs.js";
import { countPositions, type PromptUnit, unitPositions, unitTokens } from "./prompt.js";

/** Rows of a picture that take fewer positions than they were seen with. */
interface DrawnTogether extends RowRun {
  readonly seen: RowRun;
}

/** A prompt whose positions fit. */
export interface FittedPrompt {
  readonly units: readonly PromptUnit[];
  readonly positions: number;
  /** How many positions fewer than they were seen with the pictures take. */
  readonly missing: number;
}

/**
 * Draws pictures together that would take positions beyond the language model's context: what each takes beyond one
 * position per row shrinks in the same proportion, and rows that no longer have their places are spread evenly over what is
 * left, in their order; rows in a plane keep it, smaller.
 *
 * @param least new tokens without which the answer is none; where there is room for these nothing moves
 * @param wished new tokens to leave room for where something has to move; they fit behind rows that stand one after another
 */
export function fitPositions(
  units: readonly PromptUnit[],
  context: number,
  least: number,
  wished: number,
): FittedPrompt {
  const asked = countPositions(units);
  if (asked + least <= context) return { units, positions: asked, missing: 0 };
  const slack = units.reduce((sum: number, unit) => sum + slackOf(unit), 0);
  const kept = slack - (asked + wished - context);
  const fitted = units.map((unit) => {
    const own = slackOf(unit);
    return own === 0 ? unit : drawTogether(unit as RowRun, Math.floor((own * kept) / slack));
  });
  const positions = countPositions(fitted);
  return { units: fitted, positions, missing: asked - positions };
}

/** Whether two units put the same rows at the same places, so that keys of one serve the other. */
export function sameUnit(one: PromptUnit, other: PromptUnit): boolean {
  if (one === other) return true;
  if (typeof one === "number" || typeof other === "number") return false;
  // How a picture is drawn together follows from what is left to it.
  return pictureOf(one) === pictureOf(other) && unitPositions(one) === unitPositions(other);
}

/** The picture, or its run of rows, as it was seen. */
export function pictureOf(unit: PromptUnit): PromptUnit {
  return typeof unit === "object" && "seen" in unit ? (unit as DrawnTogether).seen : unit;
}

/** Positions beyond one for each row. */
function slackOf(unit: PromptUnit): number {
  return Math.max(0, unitPositions(unit) - unitTokens(unit));
}

function drawTogether(picture: RowRun, slack: number): DrawnTogether {
  const place = closerPlace(picture.place!, picture.embeddings.rows + slack);
  return { ...picture, place, seen: picture };
}

function closerPlace(place: RowPlace, advance: number): RowPlace {
  const { at, rows, columns } = place;
  if (rows !== undefined || columns !== undefined) {
    // Of rows in a plane each axis shrinks: spread one after another they would have no plane any more.
    const shrink = (axis: Int32Array) => axis.map((value) => Math.floor((value * advance) / place.advance));
    return {
      at: shrink(at),
      ...(rows !== undefined && { rows: shrink(rows) }),
      ...(columns !== undefined && { columns: shrink(columns) }),
      advance,
    };
  }
  if (at.every((position) => position < advance)) return { at, advance };
  const order = Array.from(at.keys()).sort((a, b) => at[a]! - at[b]! || a - b);
  const closer = new Int32Array(at.length);
  order.forEach((row, rank) => {
    closer[row] = Math.floor((rank * advance) / at.length);
  });
  return { at: closer, advance };
}
