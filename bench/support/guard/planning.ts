import { type Matrix, pruMergePlus } from "prumerge/reduce";
import { seededRandom } from "../../../src/tensor/random.js";
import type { Measured } from "./measured.js";

const [side, width] = [24, 1024];
const patches = side ** 2;

/** The planner of PruMerge+ against the dot products that its plan needs, by a plain loop: its own kernel would hide that it got slower. */
export async function planning(measured: Measured): Promise<void> {
  const random = seededRandom(1);
  const matrix = (rows: number): Matrix => ({
    ...{ rows, columns: width },
    data: Float32Array.from({ length: rows * width }, () => random() - 0.5),
  });
  const signals = {
    ...{ grid: { rows: side, columns: side }, classToken: true, heads: 16 },
    ...{ patches: matrix(patches), keys: matrix(patches + 1), queries: matrix(1) },
  };
  const reducer = pruMergePlus({ tokens: 151 });
  const kept = reducer.plan(signals).keptPatches.filter((patch) => patch >= 0);
  const bare = () => kept.reduce((sum, patch) => sum + dots(signals.keys.data, patch), 0);
  const name = "planner of prumerge+ over plain dot products";
  await measured.ratio(name, `${kept.length} of ${patches} x ${width}`, () => reducer.plan(signals), bare, {
    runs: 8,
  });
}

/** One row with every row. */
function dots(data: Float32Array, row: number): number {
  const from = row * width;
  let all = 0;
  for (let other = 0; other < data.length; other += width) {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += data[from + c]! * data[other + c]!;
    all += Math.abs(sum);
  }
  return all;
}
