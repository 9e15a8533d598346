import {
  cdPruner,
  cover,
  divPrune,
  hiPrune,
  type Matrix,
  pruMerge,
  pruMergePlus,
  type Reducer,
  type Signals,
} from "prumerge/reduce";
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
  const signals = generatedSignals(side, side);
  // The most that a picture in tiles has: what five squares of 576 have together.
  const tiles = generatedSignals(5 * side, side);
  return [
    ...measure("prumerge, 32 kept", signals, pruMerge({ tokens: 33 }), bareDotProducts),
    ...measure("prumerge+, 150 kept", signals, pruMergePlus({ tokens: 151 }), bareDotProducts),
    // Random rows have no near neighbours: the slow case.
    ...measure("cover, 64 rows", signals, cover({ tokens: 64 }), bareDistances),
    ...measure("cover, 64 rows, as in a picture", pictured(signals), cover({ tokens: 64 }), bareDistances),
    ...selections.flatMap(([name, reducer]) => [
      timed(`${name}, 64 kept`, signals, reducer({ tokens: 64 })),
      timed(`${name}, 320 kept`, tiles, reducer({ tokens: 320 })),
    ]),
    // Tiles are reduced one by one, and this one's time grows with the square of what it is handed at once.
    timed("hiprune, 64 kept", withLayers(signals), hiPrune({ tokens: 64 })),
  ];
}

/** Planners that read something else; random rows have no near neighbours, which is the slow case of all of them. */
const selections: readonly (readonly [string, (budget: { readonly tokens: number }) => Reducer])[] = [
  ["divprune", divPrune],
  ["cdpruner", cdPruner],
];

/** With the two layers that HiPrune reads; what is in them decides nothing about the time. */
function withLayers(signals: Signals): Signals {
  const layer = { keys: signals.keys, queries: signals.keys };
  return { ...signals, layers: { [-16]: layer, [-2]: layer } };
}

function timed(name: string, signals: Signals, reducer: Reducer): BenchResult {
  const times: number[] = [];
  for (let repetition = -3; repetition < repetitions; repetition++) {
    const taken = time(() => reducer.plan(signals));
    if (repetition >= 0) times.push(taken);
  }
  const notes = `${signals.patches.rows} x ${width}, median of ${repetitions} after 3 warm-ups`;
  return { name: `planner: ${name} of ${signals.patches.rows}`, median: median(times), unit: "ms", notes };
}

function measure(
  name: string,
  signals: Signals,
  reducer: Reducer,
  products: (signals: Signals, kept: Int32Array) => void,
): BenchResult[] {
  const kept = reducer.plan(signals).keptPatches.filter((patch) => patch >= 0);
  const plan = () => reducer.plan(signals);
  const bare = () => products(signals, kept);
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

/** What the rule of `cover` says: every pair once, for the first centre, and each centre with every patch. */
function bareDistances({ projected }: Signals, centres: Int32Array): void {
  const { rows, columns, data } = projected!;
  const [a, b] = [new Float64Array(rows), new Float64Array(rows)];
  const row = (patch: number) => data.subarray(patch * columns, (patch + 1) * columns);
  for (let patch = 0; patch < rows; patch += 2) {
    const behind: Matrix = { rows: rows - patch, columns, data: data.subarray(patch * columns) };
    dotRows(row(patch), row(patch + 1), behind, a, b);
  }
  for (let i = 0; i < centres.length; i += 2)
    dotRows(row(centres[i]), row(centres[i + 1] ?? centres[i]), projected!, a, b);
}

/** The picture of six things: patches of one are alike but for some noise. */
function pictured(signals: Signals): Signals {
  const { rows, columns, data } = signals.projected!;
  const random = seededRandom(2);
  const things = Array.from({ length: 6 }, (_, at) => ({
    direction: data.subarray(at * columns, (at + 1) * columns),
    ...{ y: random() * side, x: random() * side },
  }));
  const alike = data.slice();
  for (let patch = 0; patch < rows; patch++) {
    const away = ({ y, x }: (typeof things)[number]) =>
      Math.hypot(y - Math.floor(patch / side), x - (patch % side));
    const nearest = things.reduce((best, thing) => (away(thing) < away(best) ? thing : best));
    for (let c = 0; c < columns; c++)
      alike[patch * columns + c] = nearest.direction[c]! + 0.3 * data[patch * columns + c]!;
  }
  return { ...signals, projected: { rows, columns, data: alike } };
}

function generatedSignals(rows: number, columns: number): Signals {
  const count = rows * columns;
  const random = seededRandom(1);
  const matrix = (height: number): Matrix => ({
    rows: height,
    columns: width,
    data: Float32Array.from({ length: height * width }, () => random() - 0.5),
  });
  return {
    grid: { rows, columns },
    patches: matrix(count),
    keys: matrix(count + 1),
    queries: matrix(1),
    projected: matrix(count),
    relevance: Float32Array.from({ length: count }, random),
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
