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
  scope,
  visionZip,
} from "prumerge/reduce";
import { dotRows } from "../src/tensor/dot.js";
import { seededRandom } from "../src/tensor/random.js";
import type { BenchResult } from "./result.js";
import { encoderTime } from "./support/encoder-time.js";
import { processorTime } from "./support/processor-time.js";

const side = 24;
const patches = side ** 2;
const width = 1024;
const repetitions = 15;

/**
 * The planner at CLIP-L/14-336's size against the bare dot products that its plan needs, in the same run: class
 * attention over all tokens, the keys' norms, and each kept patch against every key. The bare loop is the planner's own
 * kernel, about twice as fast as a plain unrolled loop, so that the ratio is not won by a slow baseline.
 */
export async function run(): Promise<BenchResult[]> {
  await using encoder = await encoderTime();
  const encoded: number[] = [];
  const covered: number[] = [];
  const encode = async () => {
    await encoder.cover();
    for (let at = 0; at < 3; at++) {
      encoded.push(await encoder.encode());
      for (let again = 0; again < 3; again++) covered.push(await encoder.cover());
    }
  };
  await encoder.encode();
  await encode();
  const results = await measurePlanners();
  await encode();
  const once = median(encoded);
  const notes = `${patches} x ${width}, one thread, before and after the planners, processor time`;
  const inGraph = {
    name: "planner: cover, 64 rows, in the graph",
    median: median(covered),
    unit: "ms",
    notes,
  };
  return [
    { name: "planner: the encoder, one square", median: once, unit: "ms", notes },
    ...[inGraph, ...results].flatMap((result) => [result, ...shareOf(result, once)]),
  ];
}

/** What a planner takes of the time of encoding what it plans: a square for every 576 patches. */
function shareOf({ name, median: taken, unit }: BenchResult, encoded: number): BenchResult[] {
  if (unit !== "ms" || name.endsWith("products")) return [];
  const squares = Number(/ of (\d+)$/.exec(name)?.[1] ?? patches) / patches;
  const notes = `encoding ${squares} of ${patches} patches`;
  return [{ name: `${name}, over its encoder`, median: taken / encoded / squares, unit: "ratio", notes }];
}

async function measurePlanners(): Promise<BenchResult[]> {
  const square = generatedSignals(side, side);
  // The most that a picture in tiles has: what five squares of 576 have together.
  const tiles = generatedSignals(5 * side, side);
  const unclassed = withoutClassToken(square);
  const results: BenchResult[] = [];
  const add = async (...some: Promise<BenchResult | BenchResult[]>[]) => {
    for (const one of some) results.push(...[await one].flat());
  };
  await add(measure("prumerge, 32 kept", square, pruMerge({ tokens: 33 }), bareDotProducts));
  await add(measure("prumerge+, 150 kept", square, pruMergePlus({ tokens: 151 }), bareDotProducts));
  // Random rows have no near neighbours: the slow case.
  await add(measure("cover, 64 rows", square, cover({ tokens: 64 }), bareDistances));
  await add(
    measure("cover, 64 rows, as in a picture", pictured(square), cover({ tokens: 64 }), bareDistances),
  );
  for (const [name, reducer] of rivals) {
    await add(timed(`${name}, 64 kept`, reducer({ tokens: 64 }), [square]));
    await add(inViews(name, reducer, square));
    await add(timed(`${name}, 320 kept`, reducer({ tokens: 320 }), [tiles]));
  }
  // Their time grows with the square of what they are handed at once, which is a view of a picture.
  for (const [name, reducer, classToken] of attentive) {
    const view = classToken ? square : unclassed;
    await add(timed(`${name}, 64 kept`, reducer({ tokens: 64 }), [view]));
    await add(inViews(name, reducer, view));
  }
  return results;
}

type Make = (budget: { readonly tokens: number }) => Reducer;

/** Planners that read something else; random rows have no near neighbours, which is the slow case of all of them. */
const rivals: readonly (readonly [string, Make])[] = [
  ["divprune", divPrune],
  ["scope", scope],
  ["cdpruner", cdPruner],
  ["visionzip", visionZip],
];

/** Planners that work out what every patch receives of attention. */
const attentive: readonly (readonly [string, Make, boolean])[] = [
  ["visionzip, no class token", visionZip, false],
  ["scope, no class token", scope, false],
  ["hiprune", hiPrune, true],
];

/** A picture in five views of 576 patches, as tiles are planned: one after another. */
function inViews(name: string, reducer: Make, view: Signals): Promise<BenchResult> {
  return timed(`${name}, 320 kept in 5 views`, reducer({ tokens: 64 }), new Array<Signals>(5).fill(view));
}

async function timed(name: string, reducer: Reducer, views: readonly Signals[]): Promise<BenchResult> {
  const times: number[] = [];
  const plan = () => {
    for (const view of views) reducer.plan(view);
  };
  const count = views.reduce((sum, view) => sum + view.patches.rows, 0);
  const [warmUps, runs] = count > patches ? [1, 3] : [3, repetitions];
  for (let repetition = -warmUps; repetition < runs; repetition++) {
    const taken = await processorTime(plan);
    if (repetition >= 0) times.push(taken);
  }
  const notes = `${count} x ${width}, median of ${runs} after ${warmUps} warm-up${warmUps > 1 ? "s" : ""}, processor time`;
  return { name: `planner: ${name} of ${count}`, median: median(times), unit: "ms", notes };
}

async function measure(
  name: string,
  signals: Signals,
  reducer: Reducer,
  products: (signals: Signals, kept: Int32Array) => void,
): Promise<BenchResult[]> {
  const kept = reducer.plan(signals).keptPatches.filter((patch) => patch >= 0);
  const plan = () => reducer.plan(signals);
  const bare = () => products(signals, kept);
  const times: [number, number][] = [];
  for (let repetition = -3; repetition < repetitions; repetition++) {
    const pair: [number, number] = [await processorTime(plan), await processorTime(bare)];
    if (repetition >= 0) times.push(pair);
  }
  const planned = median(times.map(([first]) => first));
  const dots = median(times.map(([, second]) => second));
  const notes = `${side ** 2} x ${width}, median of ${repetitions} after 3 warm-ups, processor time`;
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
  const layer = { keys: matrix(count + 1), queries: matrix(count + 1) };
  return {
    grid: { rows, columns },
    patches: matrix(count),
    keys: layer.keys,
    queries: matrix(1),
    // What is in a layer decides nothing about the time.
    layers: { [-16]: layer, [-2]: layer },
    projected: matrix(count),
    relevance: Float32Array.from({ length: count }, random),
    classToken: true,
    heads: 16,
  };
}

function withoutClassToken(signals: Signals): Signals {
  const rows = signals.patches.rows;
  const behind = ({ columns, data }: Matrix): Matrix => ({ rows, columns, data: data.subarray(columns) });
  const { keys, queries } = signals.layers![-2]!;
  const layer = { keys: behind(keys), queries: behind(queries) };
  return { ...signals, ...layer, classToken: false, layers: { [-2]: layer } };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
