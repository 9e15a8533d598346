import type { Share, Verdict } from "../task.js";
import type { Clusters } from "./clusters.js";

/** A score as a sum over pictures, in parts of what it can be at most (Taylor linearisation: Woodruff 1971). */
export interface LinearScore {
  /** Points at most, and the part of them that the answers have, 0 to 1. */
  readonly points: number;
  readonly part: number;
  /** [clusters] By how much each picture moves the score away from what its shares have without it. Their sum is 0. */
  readonly residual: Float64Array;
  /** [clusters] The same against the whole score's part instead of each share's: what tells of shares with one picture. */
  readonly spread: Float64Array;
  /** [clusters] What hangs on each picture: how far the score moves if it alone is other than all the rest. */
  readonly stake: Float64Array;
  /** [clusters] Which shares the picture is in; pictures of one stratum have them in common. -1: in none. */
  readonly stratum: Int32Array;
  /** [clusters] The part of its stake that the picture misses, and that it has, 0 to 1. */
  readonly missed: Float64Array;
  readonly had: Float64Array;
  /** Whether some share has nothing to be a share of, so that the score is a convention (a precision where nobody said yes). */
  readonly isEmpty: boolean;
}

/**
 * @param shares at least one
 * @param verdicts the ones that the shares were asked for
 */
export function linearScore<V extends Verdict>(
  shares: readonly Share<V>[],
  verdicts: readonly V[],
  { of, count }: Clusters,
): LinearScore {
  const points = shares.reduce((sum, share) => sum + share.points, 0);
  const [residual, spread, atRight, atWrong] = Array.from({ length: 4 }, () => new Float64Array(count));
  const [missed, had] = [new Float64Array(count), new Float64Array(count)];
  const signature = Array.from({ length: count }, () => "");
  const tables = shares.map((share) => ({
    weight: share.points / points,
    ...sumByCluster(share, verdicts, of, count),
  }));
  const part = tables.reduce((sum, { weight, ratio }) => sum + weight * ratio, 0);
  for (const [index, { weight, ratio, total, right, whole, loss, gain }] of tables.entries()) {
    const scale = total === 0 ? 0 : weight / total;
    for (let c = 0; c < count; c++) {
      if (whole[c] === 0 && loss[c] === 0 && gain[c] === 0) continue;
      signature[c] += `${index},`;
      residual[c] += scale * (right[c] - ratio * whole[c]);
      spread[c] += scale * (right[c] - part * whole[c]);
      atRight[c] += scale * loss[c];
      atWrong[c] += scale * gain[c];
      missed[c] += scale * (whole[c] - right[c]);
      had[c] += scale * right[c];
    }
  }
  const strata = new Map<string, number>();
  const stratum = Int32Array.from(signature, (one) => {
    if (one === "") return -1;
    const found = strata.get(one) ?? strata.size;
    strata.set(one, found);
    return found;
  });
  return {
    ...{ points, part, residual, spread, stratum },
    stake: atRight.map((loss, c) => part * loss + (1 - part) * atWrong[c]),
    missed: missed.map((one, c) => (atRight[c] > 0 ? Math.min(1, one / atRight[c]) : 0)),
    had: had.map((one, c) => (atWrong[c] > 0 ? Math.min(1, one / atWrong[c]) : 0)),
    isEmpty: tables.some(({ total }) => total === 0),
  };
}

function sumByCluster<V extends Verdict>(
  share: Share<V>,
  verdicts: readonly V[],
  of: Int32Array,
  count: number,
) {
  const [right, whole] = [new Float64Array(count), new Float64Array(count)];
  const loss = share.loss === undefined ? whole : new Float64Array(count);
  const gain = share.gain === undefined ? whole : new Float64Array(count);
  let [rights, total] = [0, 0];
  for (let i = 0; i < verdicts.length; i++) {
    const verdict = verdicts[i];
    const c = of[i];
    const one = share.whole(verdict);
    if (one !== 0) {
      const credit = share.right(verdict);
      whole[c] += one;
      right[c] += credit;
      total += one;
      rights += credit;
    }
    if (share.loss !== undefined) loss[c] += share.loss(verdict);
    if (share.gain !== undefined) gain[c] += share.gain(verdict);
  }
  return { right, whole, loss, gain, total, ratio: total === 0 ? 0 : rights / total };
}
