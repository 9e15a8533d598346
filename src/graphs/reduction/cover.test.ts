import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { buildCover, projectedInput } from "../../../test/support/cover-graph.js";
import { matrix } from "../../../test/support/in-graph-reduction.js";
import { floatTensor, int64Tensor, openModel, run } from "../../../test/support/ort.js";
import { floats, readFixture } from "../../../test/support/safetensors.js";
import { checkPlan } from "../../reduce/check-plan.js";
import { applyPlan, cover, densePlan, type Signals } from "../../reduce/index.js";
import { gatherSignals } from "../../reduce/signals.js";
import { planFromWeights } from "../../see/graph-plan.js";
import type { Matrix } from "../../tensor/matrix.js";
import { seededRandom } from "../../tensor/random.js";
import { visionInputs } from "../contract.js";
import { coverProgram } from "./cover-program.js";
import { reductionContract } from "./index.js";

/** A choice that float32 may make otherwise: how much farther the second best is off, at the closest. */
const tie = 4e-6;

const random = (rows: number, columns: number, seed: number): Matrix => {
  const next = seededRandom(seed);
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => next() + next() - 1) };
};

/** Rows as pictures have them: a few things, each a patch of grid with one direction, and a little of its own in every patch. */
function pictured(side: number, columns: number, seed: number): Matrix {
  const next = seededRandom(seed);
  const things = Array.from({ length: 6 }, () => ({
    at: [next() * side, next() * side],
    reach: (1 + next() * side) / 3,
    direction: Float32Array.from({ length: columns }, () => next() - 0.3),
  }));
  const rows = random(side * side, columns, seed + 1);
  for (let patch = 0; patch < side * side; patch++) {
    const [y, x] = [Math.floor(patch / side), patch % side];
    const thing = things.find(({ at, reach }) => Math.hypot(at[0]! - y, at[1]! - x) < reach) ?? things[0]!;
    for (let c = 0; c < columns; c++)
      rows.data[patch * columns + c] = thing.direction[c]! + 0.1 * rows.data[patch * columns + c]!;
  }
  return rows;
}

function signalsOf(projected: Matrix, side: number): Signals {
  const others = {
    grid: { rows: side, columns: projected.rows / side },
    patches: random(projected.rows, 5, 9),
    classToken: false,
    heads: 1,
    projected,
  };
  const last = random(projected.rows, 5, 10);
  return gatherSignals(others, { keys: last, queries: last });
}

async function inGraph({ patches, keys, queries, projected, grid, classToken }: Signals) {
  const [width, projectedWidth] = [patches.columns, projected!.columns];
  const session = await openModel(buildCover({ grid, width, projectedWidth, classToken }));
  const feed = ({ rows, columns, data }: Matrix) => floatTensor(data, [rows, columns]);
  return async (settings: { exact: boolean; count: number; reach: number }) => {
    coverProgram.check(settings, patches.rows);
    const results = await run(session, {
      [projectedInput]: feed(projected!),
      [reductionContract.patches]: feed(patches),
      [reductionContract.keys]: feed(keys),
      [reductionContract.queries]: feed(queries),
      [visionInputs.exact]: new Tensor("bool", [settings.exact], []),
      [visionInputs.count]: int64Tensor([settings.count], []),
      [visionInputs.reach]: floatTensor(Float32Array.of(settings.reach), []),
    });
    return {
      tokens: matrix(results[reductionContract.tokens]!),
      plan: planFromWeights(
        matrix(results.merge_weights!),
        Int32Array.from(results.kept_patches!.data as number[]),
      ),
    };
  };
}

/** Lengths of rows, and cosines of all pairs, in float64. */
function measure({ rows, columns, data }: Matrix) {
  const own = Array.from({ length: rows }, (_, row) =>
    Float64Array.from(data.subarray(row * columns, (row + 1) * columns)),
  );
  const lengths = own.map((row) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)));
  const unit = own.map((row, at) => row.map((value) => value / Math.max(lengths[at]!, 1e-12)));
  const cosines = unit.map(() => new Float64Array(rows));
  for (let a = 0; a < rows; a++) {
    for (let b = a; b < rows; b++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += unit[a]![c]! * unit[b]![c]!;
      cosines[a]![b] = sum;
      cosines[b]![a] = sum;
    }
  }
  return { lengths, cosines };
}

/** The least, and how much more the second least is. */
function gapOfLeast(values: readonly number[]): number {
  let [least, second] = [Infinity, Infinity];
  for (const value of values) {
    if (value < least) [least, second] = [value, least];
    else if (value < second) second = value;
  }
  return second - least;
}

/**
 * How close the closest call of a plan is: between the best centre and the next best, between a distance and the reach, and between
 * a patch's centre and its second.
 */
function closestCall({ lengths, cosines }: ReturnType<typeof measure>, count: number, reach?: number) {
  const all = [...cosines.keys()];
  let nearest = cosines.map((list, at) => Math.max(...list.filter((_, other) => other !== at)));
  let closest = Infinity;
  const taken: number[] = [];
  while (taken.length < count) {
    const left = all.filter((at) => !taken.includes(at));
    closest = Math.min(closest, gapOfLeast(left.map((at) => nearest[at]!)));
    const best = left.reduce((least, at) => (nearest[at]! < nearest[least]! ? at : least));
    if (taken.length === 0) nearest = nearest.map(() => -2);
    else if (reach !== undefined) {
      closest = Math.min(closest, Math.abs(1 - nearest[best]! - reach));
      if (1 - nearest[best]! <= reach) break;
    }
    taken.push(best);
    nearest = nearest.map((cosine, at) => Math.max(cosine, cosines[best]![at]!));
  }
  for (const at of all.filter((patch) => !taken.includes(patch))) {
    const squares = taken.map((c) => lengths[c]! ** 2 - 2 * lengths[c]! * lengths[at]! * cosines[c]![at]!);
    closest = Math.min(closest, gapOfLeast(squares) / (lengths[at]! ** 2 || 1));
  }
  return closest;
}

/** How many of the two plans are the same patches in every row. */
async function compare(signals: Signals, counts: readonly number[], reaches: readonly number[]) {
  const reduce = await inGraph(signals);
  const measured = measure(signals.projected!);
  const asked = [
    ...counts.map((count) => [{ tokens: count }, { exact: true, count, reach: 0.2 }] as const),
    ...reaches.flatMap((reach) => [
      [
        { maxTokens: 5, reach },
        { exact: false, count: 5, reach },
      ] as const,
      [
        { maxTokens: 9999, reach },
        { exact: false, count: 0, reach },
      ] as const,
    ]),
  ];
  let same = 0;
  for (const [options, settings] of asked) {
    const { plan, tokens } = await reduce(settings);
    const planned = cover(options).plan(signals);
    expect(() => checkPlan(plan)).not.toThrow();
    const equal = `${densePlan(plan).data}` === `${densePlan(planned).data}`;
    const most = settings.exact ? settings.count : settings.count || signals.patches.rows;
    const close = closestCall(measured, most, settings.exact ? undefined : settings.reach);
    // Where float32 may choose otherwise the rows are checked all the same, against the graph's own plan.
    if (close > tie) {
      expect([...plan.keptPatches], JSON.stringify(settings)).toEqual([...planned.keptPatches]);
      const ours = densePlan(plan).data;
      const moved = densePlan(planned).data.filter((weight, at) => Math.abs(weight - ours[at]!) > 1e-7);
      expect(moved.length).toBe(0);
    }
    expect(plan.keptPatches.length).toBe(planned.keptPatches.length);
    const expected = applyPlan(plan, signals.patches);
    expected.data.forEach((value, at) => {
      expect(Math.abs(value - tokens.data[at]!)).toBeLessThan(1e-5);
    });
    if (equal) same++;
  }
  return { same, of: asked.length };
}

describe("cover in the graph gives the planner's plan", () => {
  it("for random rows", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const result = await compare(signalsOf(random(48, 7, seed), 6), [1, 2, 17, 47, 48], [0, 0.1, 0.4, 2]);
      expect(result.same).toBeGreaterThanOrEqual(result.of - 1);
    }
  });

  it("for rows as pictures have them", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const result = await compare(signalsOf(pictured(8, 24, seed), 8), [1, 8, 30], [0.02, 0.1, 0.3]);
      expect(result.same).toBeGreaterThanOrEqual(result.of - 1);
    }
  });

  it("at the size of CLIP-L/14-336", async () => {
    for (const rows of [random(576, 1024, 1), pictured(24, 1024, 2)]) {
      const { same, of } = await compare(signalsOf(rows, 24), [16, 64], [0.99]);
      expect(same).toBe(of);
    }
  });

  it("for the rows that DivPrune was recorded on, copies and rows of zeros among them", async () => {
    const folder = new URL("../../../test/fixtures/goldens/divprune/", import.meta.url);
    for (const name of ["d64a", "d100a", "ddup64a", "dzero64a", "d576a"]) {
      const tensors = readFixture(new URL(`${name}.inputs.safetensors`, folder));
      const [tensor] = tensors.keys();
      const [height, columns] = tensors.get(tensor!)!.shape as [number, number];
      const rows: Matrix = { rows: height, columns, data: floats(tensors, tensor!) };
      const result = await compare(signalsOf(rows, Math.sqrt(rows.rows)), [1, 7, 20], [0.3]);
      expect(result.same, name).toBeGreaterThanOrEqual(result.of - 1);
    }
  });

  it("for equal rows, the lowest first", async () => {
    const same = { rows: 16, columns: 3, data: new Float32Array(48).fill(0.3) };
    const reduce = await inGraph(signalsOf(same, 4));
    expect([...(await reduce({ exact: true, count: 5, reach: 0 })).plan.keptPatches]).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect([...(await reduce({ exact: false, count: 0, reach: 0 })).plan.keptPatches]).toEqual([0]);
  });
});

it("refuses settings that the graph cannot take", () => {
  const wrong = [
    [{ exact: true, count: 0, reach: 0 }, /count: .*1 \.\. 4, found 0/],
    [{ exact: true, count: 5, reach: 0 }, /count: .*found 5/],
    [{ exact: false, count: -1, reach: 0 }, /count: .*0 or more/],
    [{ exact: false, count: 0, reach: 3 }, /reach: .*0 \.\. 2, found 3/],
    [{ exact: false, count: 0, reach: Number.NaN }, /reach/],
  ] as const;
  for (const [settings, message] of wrong) expect(() => coverProgram.check(settings, 4)).toThrow(message);
  for (const settings of [coverProgram.identity(4), { exact: false, count: 0, reach: 2 }])
    expect(() => coverProgram.check(settings, 4)).not.toThrow();
});
