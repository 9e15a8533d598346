import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Matrix } from "../tensor/matrix.js";
import { applyPlan, densePlan } from "./apply-plan.js";
import type { Budget } from "./budget.js";
import { checkPlan } from "./check-plan.js";
import { classAttention } from "./class-attention.js";
import { pruMerge } from "./methods/prumerge.js";
import { pruMergePlus } from "./methods/prumerge-plus.js";
import { type MergePlan, planRows } from "./plan.js";
import type { PruMergeOptions } from "./prumerge-reducer.js";
import { createReducer, methods } from "./registry.js";
import { rowRoom } from "./row-room.js";
import type { Signals } from "./signals.js";
import { tracePlan } from "./trace.js";

const width = 4;

/** Small pictures with coarse values, so that ties and zero keys occur; Infinity and NaN do not. */
const anySignals: fc.Arbitrary<Signals> = fc
  .record({
    rows: fc.integer({ min: 1, max: 6 }),
    columns: fc.integer({ min: 1, max: 6 }),
    classToken: fc.boolean(),
    values: fc.constantFrom(
      fc.integer({ min: -2, max: 2 }),
      fc.integer({ min: -40, max: 40 }).map((n) => n / 8),
    ),
  })
  .chain(({ rows, columns, classToken, values }) => {
    const count = rows * columns;
    const matrix = (height: number): fc.Arbitrary<Matrix> =>
      fc
        .array(values, { minLength: height * width, maxLength: height * width })
        .map((data) => ({ rows: height, columns: width, data: Float32Array.from(data) }));
    return fc.record({
      grid: fc.constant({ rows, columns }),
      patches: matrix(count),
      keys: matrix(classToken ? count + 1 : count),
      queries: matrix(classToken ? 1 : count),
      projected: matrix(count),
      relevance: fc
        .array(values, { minLength: count, maxLength: count })
        .map((data) => Float32Array.from(data)),
      layers: fc.record({
        [-2]: fc.record({
          keys: matrix(classToken ? count + 1 : count),
          queries: matrix(classToken ? count + 1 : count),
        }),
      }),
      classToken: fc.constant(classToken),
      heads: fc.constantFrom(1, 2, 4),
    });
  });

const anyOptions: fc.Arbitrary<PruMergeOptions> = fc.record(
  {
    iqrFactor: fc.constantFrom(0, 0.5, 1.5, 1000),
    neighbours: fc.nat(40),
    globalToken: fc.boolean(),
    order: fc.constantFrom("attention" as const, "raster" as const),
    normalizedMerge: fc.boolean(),
    perHeadAttention: fc.boolean(),
    similarity: fc.constantFrom("cosine" as const, "dot-product" as const),
  },
  { requiredKeys: [] },
);
const anyFamilyMember = fc.constantFrom(pruMerge, pruMergePlus);

const share = fc.double({ min: 0, max: 1, noNaN: true });
const countOf = (most: number, at: number) => Math.min(most, 1 + Math.floor(at * most));

describe("every plan", () => {
  test("of the adaptive rule is well formed", () => {
    fc.assert(
      fc.property(anyFamilyMember, anySignals, anyOptions, (create, signals, options) => {
        checkPlan(create(options).plan(signals));
      }),
    );
  });

  test("with an exact count has that many rows", () => {
    fc.assert(
      fc.property(anyFamilyMember, anySignals, anyOptions, share, (create, signals, options, at) => {
        const most = signals.patches.rows + (options.globalToken === false ? 0 : 1);
        const tokens = countOf(most, at);
        const plan = create({ ...options, tokens }).plan(signals);
        checkPlan(plan);
        expect(planRows(plan)).toBe(tokens);
        expect(() => create({ ...options, tokens: most + 1 }).plan(signals)).toThrow(/option "tokens"/);
      }),
    );
  });

  test("with a cap stays under it, and equals the uncapped plan where that does", () => {
    fc.assert(
      fc.property(anyFamilyMember, anySignals, anyOptions, share, (create, signals, options, at) => {
        const maxTokens = countOf(signals.patches.rows + 5, at);
        const plan = create({ ...options, maxTokens }).plan(signals);
        checkPlan(plan);
        expect(planRows(plan)).toBeLessThanOrEqual(maxTokens);
        const free = create(options).plan(signals);
        if (planRows(free) <= maxTokens) expect(plan).toEqual(free);
        else expect(plan).toEqual(create({ ...options, tokens: maxTokens }).plan(signals));
      }),
    );
  });

  test("of any method with a ratio has round(ratio N) rows, at least one", () => {
    const withBudget = methods.filter(({ budgets }) => budgets.includes("share")).map(({ name }) => name);
    const ratio = fc.double({ min: 1e-6, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...withBudget), anySignals, ratio, (name, signals, keepRatio) => {
        const plan = createReducer(name, { keepRatio }).plan(signals);
        checkPlan(plan);
        expect(planRows(plan)).toBe(Math.max(1, Math.round(keepRatio * signals.patches.rows)));
      }),
    );
  });

  test("of any method at any budget that it takes is well formed, and has the rows of an exact one", () => {
    fc.assert(
      fc.property(fc.constantFrom(...methods), anySignals, share, (method, signals, at) => {
        const rows = countOf(signals.patches.rows, at);
        const budgets: Budget[] = [
          { kind: "exact", rows },
          { kind: "share", ratio: rows / signals.patches.rows },
          { kind: "cap", rows },
          { kind: "rule" },
          { kind: "all" },
        ];
        for (const budget of budgets.filter(({ kind }) => method.budgets.includes(kind))) {
          const reducer = createReducer(method.name, {}, budget);
          expect(reducer.budget).toEqual(budget);
          const plan = reducer.plan(signals);
          checkPlan(plan);
          if (budget.kind === "exact") expect(planRows(plan)).toBe(budget.rows);
          if (budget.kind === "cap") expect(planRows(plan)).toBeLessThanOrEqual(budget.rows);
          if (budget.kind === "all") expect(planRows(plan)).toBe(signals.patches.rows);
        }
      }),
    );
  });

  test("of any method leaves room for rows that stay whatever happens", () => {
    fc.assert(
      fc.property(fc.constantFrom(...methods), anySignals, share, (method, signals, at) => {
        const patches = signals.patches.rows;
        if (!method.budgets.includes("exact")) return;
        const rows = countOf(patches, at) + 1;
        const reducer = createReducer(method.name, {}, { kind: "exact", rows });
        expect(planRows(reducer.plan(signals, rowRoom(reducer, patches, 1)))).toBe(rows - 1);
      }),
    );
  });

  test("applied is W X, and its trace holds the same weights", () => {
    fc.assert(
      fc.property(anyFamilyMember, anySignals, anyOptions, (create, signals, options) => {
        const plan = create(options).plan(signals);
        const dense = densePlan(plan);
        const { patches } = signals;
        const tokens = applyPlan(plan, patches);
        for (let row = 0; row < tokens.rows; row++) {
          for (let c = 0; c < width; c++) {
            let sum = 0;
            for (let j = 0; j < patches.rows; j++) {
              sum += dense.data[row * dense.columns + j] * patches.data[j * width + c];
            }
            expect(tokens.data[row * width + c]).toBeCloseTo(sum, 4);
          }
        }
        const trace = tracePlan(plan);
        trace.patches.forEach(({ rows, keptRow }, patch) => {
          if (keptRow >= 0) expect(plan.keptPatches[keptRow]).toBe(patch);
          for (const { row, weight } of rows) {
            expect(dense.data[row * dense.columns + patch]).toBe(weight);
            expect(trace.rows[row].sources).toContainEqual({ patch, weight });
          }
        });
      }),
    );
  });

  test("without loss of anything: each patch is kept or in the global token, weighted with its attention", () => {
    fc.assert(
      fc.property(anyFamilyMember, anySignals, fc.nat(40), (create, signals, neighbours) => {
        const plan = create({ neighbours }).plan(signals);
        const attention = classAttention(signals);
        const global = densePlan(plan).data.subarray(-signals.patches.rows);
        const kept = new Set(plan.keptPatches);
        global.forEach((weight, patch) => {
          expect(weight).toBe(kept.has(patch) ? 0 : attention[patch]);
        });
      }),
    );
  });
});

describe("order", () => {
  test("a permuted picture gives the permuted plan, where nothing ties", () => {
    const distinct = fc.uniqueArray(fc.integer({ min: -4000, max: 4000 }), {
      minLength: 100,
      maxLength: 100,
    });
    const permuted = fc.shuffledSubarray([...Array(24).keys()], { minLength: 24 });
    fc.assert(
      fc.property(distinct, permuted, fc.integer({ min: 1, max: 25 }), (values, order, tokens) => {
        const signals = line(values.map((value) => value / 1000));
        const shuffled: Signals = {
          ...signals,
          patches: rowsInOrder(signals.patches, order),
          keys: rowsInOrder(signals.keys, [0, ...order.map((patch) => patch + 1)]),
        };
        const reducer = pruMerge({ tokens, neighbours: 5 });
        const [plain, other] = [reducer.plan(signals), reducer.plan(shuffled)];
        fc.pre(new Set(classAttention(signals)).size === 24);
        const mapped = (patch: number) => (patch < 0 ? patch : order[patch]);
        expect([...other.keptPatches].map(mapped)).toEqual([...plain.keptPatches]);
        const merged = entries(plain, (column) => column);
        entries(other, mapped).forEach((row, at) => {
          expect(row.map(([column]) => column)).toEqual(merged[at].map(([column]) => column));
          row.forEach(([, weight], i) => {
            expect(weight).toBeCloseTo(merged[at][i][1], 6);
          });
        });
      }),
    );
  });

  test("ties go to the lowest index, for kept patches and for neighbours", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 0, max: 23 }), (tokens, neighbours) => {
        const plan = pruMerge({ tokens, neighbours }).plan(line(new Array(100).fill(0.5)));
        expect([...plan.keptPatches]).toEqual([...Array(tokens - 1).keys(), -1]);
        for (let row = 0; row < tokens - 1; row++) {
          const columns = [...plan.columns.subarray(plan.offsets[row], plan.offsets[row + 1])];
          const others = [...Array(24).keys()].filter((patch) => patch !== row).slice(0, neighbours);
          expect(columns).toEqual([row, ...others]);
        }
      }),
    );
  });

  test("raster order moves rows and changes none", () => {
    fc.assert(
      fc.property(anyFamilyMember, anySignals, anyOptions, (create, signals, options) => {
        const plan = create({ ...options, order: "raster" }).plan(signals);
        const other = create({ ...options, order: "attention" }).plan(signals);
        const kept = [...plan.keptPatches].filter((patch) => patch >= 0);
        expect(kept).toEqual([...kept].sort((a, b) => a - b));
        const rows = tracePlan(plan).rows;
        for (const row of tracePlan(other).rows) expect(rows).toContainEqual(row);
        expect(rows.length).toBe(planRows(other));
      }),
    );
  });
});

test("NaN and infinity anywhere in the signals are refused, saying where", () => {
  const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const part = fc.constantFrom("patches" as const, "keys" as const, "queries" as const);
  const anyMethod = fc.constantFrom(...methods);
  fc.assert(
    fc.property(
      anyMethod,
      anySignals,
      part,
      bad,
      share,
      ({ name, budgets, defaultBudget }, signals, where, value, at) => {
        const data = signals[where].data.slice();
        const index = Math.min(data.length - 1, Math.floor(at * data.length));
        data[index] = value;
        const spoilt = { ...signals, [where]: { ...signals[where], data } };
        const reducer = createReducer(
          name,
          {},
          budgets.includes("exact") ? { kind: "exact", rows: 1 } : defaultBudget,
        );
        expect(() => reducer.plan(spoilt)).toThrow(
          expect.objectContaining({
            code: "INVALID_TENSOR",
            message: expect.stringContaining(
              `${where}: a signal does not fit; expected finite numbers, found ${value} at index ${index}`,
            ),
          }),
        );
      },
    ),
  );
});

/** 24 patches in a row, 4 wide; 100 values for the 25 keys. */
function line(values: readonly number[]): Signals {
  const matrix = (data: readonly number[]): Matrix => ({
    rows: data.length / width,
    columns: width,
    data: Float32Array.from(data),
  });
  return {
    grid: { rows: 1, columns: 24 },
    patches: matrix(values.slice(4)),
    keys: matrix(values),
    queries: matrix([1, 0.5, -0.25, 2]),
    classToken: true,
    heads: 1,
  };
}

function rowsInOrder({ columns, data }: Matrix, order: readonly number[]): Matrix {
  const rows = order.flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)]);
  return { rows: order.length, columns, data: Float32Array.from(rows) };
}

/** Each row's [column, weight] by column. */
function entries(plan: MergePlan, map: (column: number) => number): [number, number][][] {
  return tracePlan(plan).rows.map(({ sources }) =>
    sources.map(({ patch, weight }): [number, number] => [map(patch), weight]).sort((a, b) => a[0] - b[0]),
  );
}
