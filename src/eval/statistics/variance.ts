/** What pictures are worth together. */
export interface Worth {
  /** As how many pictures of equal stake (Kish 1965, section 8.2), where each is all right or all wrong. */
  readonly pictures: number;
  /** Mean square of a picture's stake. */
  readonly square: number;
  /** Pictures that have a stake. */
  readonly count: number;
}

export function worthOf(stake: Float64Array): Worth {
  let [sum, squares, count] = [0, 0, 0];
  for (const one of stake) {
    if (one === 0) continue;
    sum += one;
    squares += one * one;
    count++;
  }
  return { pictures: squares === 0 ? 0 : sum / squares, square: count === 0 ? 0 : squares / count, count };
}

/**
 * Variance of a sum over pictures that are drawn within strata. A stratum's own squares are what is left around its mean; one
 * picture more stands in for the mean that they were taken from, with the square that a picture has over all strata. So a stratum
 * of one picture is taken as uncertain as the rest, not as certain (collapsed strata: Cochran 1977, section 5A.12), and the whole
 * is without bias where strata are alike.
 *
 * @param residual [pictures] around its own stratum's shares
 * @param spread [pictures] around the whole
 * @param stake [pictures]
 * @param stratum [pictures] -1 where a picture has no part
 */
export function stratifiedVariance(
  residual: Float64Array,
  spread: Float64Array,
  stake: Float64Array,
  stratum: Int32Array,
): number {
  const sums: { count: number; sum: number; squares: number; stakes: number }[] = [];
  let [spreads, stakes] = [0, 0];
  for (let c = 0; c < residual.length; c++) {
    if (stratum[c] < 0) continue;
    sums[stratum[c]] ??= { count: 0, sum: 0, squares: 0, stakes: 0 };
    const own = sums[stratum[c]];
    own.count++;
    own.sum += residual[c];
    own.squares += residual[c] ** 2;
    own.stakes += stake[c] ** 2;
    spreads += spread[c] ** 2;
    stakes += stake[c] ** 2;
  }
  const square = stakes === 0 ? 0 : spreads / stakes; // of a picture, in its stake
  let variance = 0;
  for (const one of sums) {
    if (one === undefined) continue;
    variance += Math.max(0, one.squares - one.sum ** 2 / one.count) + (square * one.stakes) / one.count;
  }
  return variance;
}

/**
 * Mean square of what a picture misses, of the pictures that miss anything, and of one that misses all: how coarse errors are.
 * 1 where nothing is missed, so that no picture has told yet whether its questions fail one by one or together.
 *
 * @param missed [pictures] 0 to 1
 */
export function coarseness(missed: Float64Array): number {
  let [squares, count] = [1, 1];
  for (const one of missed) {
    if (one <= 0) continue;
    squares += one * one;
    count++;
  }
  return squares / count;
}
