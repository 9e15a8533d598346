import { PrumergeError } from "../errors.js";
import { defaultPositions, type Positions, positionKinds } from "./row-place.js";

/** What the rows of a picture can be given, for programs that offer the choice. */
export interface RowChoices {
  /** Where rows may stand, in the order of {@link positionKinds}. */
  readonly positions: readonly Positions[];
  /** Whether a reducer's `rowBias` is taken; where not, one that was asked for is refused, and others are left out. */
  readonly bias: boolean;
}

/** Of language models elsewhere, which are sent rows alone. */
export const rowsAlone: RowChoices = { positions: [defaultPositions], bias: false };

/** @param check rejects with a PrumergeError for positions that are not to be had */
export async function takenPositions(check: (positions: Positions) => Promise<void>): Promise<Positions[]> {
  const taken: Positions[] = [];
  for (const positions of positionKinds) {
    try {
      await check(positions);
      taken.push(positions);
    } catch (error) {
      if (!PrumergeError.isInstance(error) || error.code === "RUNTIME") throw error;
    }
  }
  return taken;
}
