import { type Budget, spellBudget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { evenMeans } from "../grid-cells.js";
import type { Method } from "../method.js";
import { integerOption, refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import { rowRoom } from "../row-room.js";
import { quarter, type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";

/**
 * A smaller picture: what a method has to beat that chooses among the patches of a large one. The picture is scaled down to as many
 * pixels as so many patches have (64 rows of 576 patches of 14 pixels: 112 x 112 instead of 336 x 336; sides rounded), back up
 * to the size that the tower takes, and the patches are averaged over an even grid's cells as in `pool`.
 *
 * Towers with learnt positions take one size, so that the picture has to come back to it: the tower sees the fewer pixels, not
 * fewer patches, and its time is that of the whole picture. What it makes of them reaches the language model as the same number of
 * rows. A tower that takes any size would be shown the small picture itself. Scaling is Pillow's bicubic, antialiased, without rounding
 * to 8 bits.
 *
 * `plan` alone is that average of whatever the signals are: the picture is scaled where it is seen.
 *
 * @param options left out: a quarter of the patches
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(image, smallerPicture({ tokens: 64 }));
 * ```
 */
export function smallerPicture(options: SamplingBudget = {}): Reducer {
  refuseUnknownOptions("smaller-picture", options, ["tokens", "keepRatio"]);
  return createSmallerPicture(samplingBudget("smaller-picture", options));
}

function createSmallerPicture(budget: Budget): Reducer {
  const named = { method: "smaller-picture", budget };
  return {
    ...named,
    options: Object.freeze({ ...spellBudget(budget) }),
    need: {},
    pixelShare: (patches, { count }) => count / patches,
    plan(signals, { count } = rowRoom(named, signals.patches.rows)) {
      checkSignals(signals);
      integerOption("smaller-picture", "tokens", count, 1, signals.patches.rows);
      return evenMeans(signals.grid, count);
    },
  };
}

export const smallerPictureMethod: Method = {
  name: "smaller-picture",
  description: "the picture scaled down to so many patches' pixels, and back: fewer pixels, nothing chosen",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create(options, budget = quarter) {
    refuseUnknownOptions("smaller-picture", options, []);
    return createSmallerPicture(budget);
  },
};
