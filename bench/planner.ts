import { type Matrix, pruMerge, pruMergePlus, type Reducer, type Signals } from "prumerge/reduce";
import { dotRows } from "../src/tensor/dot.js";
import { seededRandom } from "../src/tensor/random.js";
import type { BenchResult } from "./result.js";

const side = 24;
const width = 1024;
const repetitions = 15;

/**
 * The planner at CLIP-L/14-336's size against the bare dot products that its plan needs, in the same run: class
 * attention over all tokens, the keys' norms, and each kept patch against every key. The bare loop is the planner's own
 * kernel, about twice as fast as a plain unrolled loop, so that the ratio is not won by a slow baseline.
 */
export async function run(): Promise<BenchResult[]> {
  const signals = generatedSignals();
  return [
    ...measure("prumerge, 32 kept", signals, pruMerge({ tokens: 33 })),
    ...measure("prumerge+, 150 kept", signals, pruMergePlus({ tokens: 151 })),
  ];
}

function measure(name: string, signals: Signals, reducer: Reducer): BenchResult[] {
  const kept = reducer.plan(signals).keptPatches.filter((patch) => patch >= 0);
  const plan = () => reducer.plan(signals);
  const bare = () => bareDotProducts(signals, kept);
  const times: [number, number][] = [];
  for (let repetition = -3; repetition < repetitions; repetition++) {
    const pair: [number, number] = [time(plan), time(bare)];
    if (repetition >= 0) times.push(pair);
  }
  const planned = median(times.map(([first]) => first));
  const dots = median(times.map(([, second]) => second));
  const notes = `${side ** 2} x ${width}, median of ${repetitions} after 3 warm-ups`;
  return [
    { name: `planner: ${name}`, median: planned, unit: "ms", notes },
    { name: `planner: ${name}, bare dot products`, median: dots, unit: "ms", notes },
    {
      name: `planner: ${name}, planner over bare dot products`,
      median: planned / dots,
      unit: "ratio",
      notes,
    },
  ];
}

function bareDotProducts({ keys, queries }: Signals, kept: Int32Array): void {
  const patchKeys: Matrix = { rows: side ** 2, columns: width, data: keys.data.subarray(width) };
  const [a, b] = [new Float64Array(keys.rows), new Float64Array(keys.rows)];
  const row = (patch: number) => patchKeys.data.subarray(patch * width, (patch + 1) * width);
  dotRows(queries.data, queries.data, keys, a, b);
  for (let patch = 0; patch < side ** 2; patch += 2) {
    const one: Matrix = { rows: 1, columns: width, data: row(patch) };
    dotRows(row(patch), row(patch + 1), one, a, b);
  }
  for (let i = 0; i < kept.length; i += 2)
    dotRows(row(kept[i]), row(kept[i + 1] ?? kept[i]), patchKeys, a, b);
}

function generatedSignals(): Signals {
  const random = seededRandom(1);
  const matrix = (rows: number): Matrix => ({
    rows,
    columns: width,
    data: Float32Array.from({ length: rows * width }, () => random() - 0.5),
  });
  return {
    grid: { rows: side, columns: side },
    patches: matrix(side ** 2),
    keys: matrix(side ** 2 + 1),
    queries: matrix(1),
    classToken: true,
    heads: 16,
  };
}

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
