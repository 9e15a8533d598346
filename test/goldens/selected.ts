import {
  checkPlan,
  type Grid,
  type Matrix,
  PrumergeError,
  type Reducer,
  type Signals,
} from "prumerge/reduce";

/** Signals of which a selection reads only those that are named; reading others fails as it does in the product. */
export function signalsOf(grid: Grid, read: Partial<Signals>): Signals {
  const count = grid.rows * grid.columns;
  const patches: Matrix = { rows: count, columns: 1, data: new Float32Array(count) };
  return { grid, patches, classToken: true, heads: 1, ...read } as Signals;
}

/** What a reducer keeps of a picture, having checked that it hands each patch on as it is, in raster order. */
export function selectedBy(reducer: Reducer, signals: Signals): number[] {
  const plan = reducer.plan(signals);
  checkPlan(plan);
  const kept = [...plan.keptPatches];
  const raster = kept.every((patch, row) => row === 0 || patch > kept[row - 1]!);
  const unchanged = plan.columns.every((column, at) => column === kept[at] && plan.weights[at] === 1);
  if (raster && unchanged && plan.columns.length === kept.length) return kept;
  throw new Error(`${reducer.method} does not hand patches on as they are, in raster order`);
}

/** A count beyond the patches is refused, whatever the released program does with it. */
export function refusalDifference(reducer: Reducer, signals: Signals): string[] {
  try {
    return [`kept ${reducer.plan(signals).keptPatches.length} of ${signals.patches.rows} patches`];
  } catch (error) {
    if (error instanceof PrumergeError && error.code === "INVALID_OPTION") return [];
    throw error;
  }
}

/** The difference of two selections in words, none where there is none. */
export function selectionDifference(
  what: string,
  ours: readonly number[],
  theirs: readonly number[],
): string[] {
  const equal = ours.length === theirs.length && ours.every((patch, at) => patch === theirs[at]);
  return equal ? [] : [`kept ${ours.join(" ")}, ${what} ${theirs.join(" ")}`];
}

/** A square where the patches make one, else one row. */
export function gridOf(count: number): Grid {
  const side = Math.round(Math.sqrt(count));
  return side ** 2 === count ? { rows: side, columns: side } : { rows: 1, columns: count };
}

/** Python's `round` of what is not negative: halves go to the even number. */
export function pythonRound(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}
