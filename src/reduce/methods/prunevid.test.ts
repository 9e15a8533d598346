import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyPlan } from "../apply-plan.js";
import { checkPlan } from "../check-plan.js";
import type { Signals } from "../signals.js";
import { videoSegments } from "../video-segments.js";
import { pruneVid } from "./prunevid.js";

interface Recorded {
  readonly frames: number;
  readonly tokens: number;
  readonly options: { readonly threshold: number; readonly segments: number; readonly clusters: number };
  readonly rows: readonly (readonly number[])[];
  readonly merged: readonly (readonly number[])[];
  /** Of each segment: static rows, others, and frames. */
  readonly static: readonly number[];
  readonly dynamic: readonly number[];
  readonly lengths: readonly number[];
}

/** What the released program made of frames: prunevid.py. */
const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/reduce/prunevid.json", import.meta.url), "utf8"),
);

function signalsOf({ frames, tokens, rows }: Pick<Recorded, "frames" | "tokens" | "rows">): Signals {
  const matrix = { rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) };
  return {
    grid: { rows: frames, columns: tokens },
    ...(frames > 1 && { frames }),
    patches: matrix,
    projected: matrix,
    classToken: false,
    heads: 1,
  } as unknown as Signals;
}

type Rows = readonly (readonly number[])[];

/** Rows of one list that the other lacks: the released program has them by the score of their centres, ours by its place. */
function missing(from: Rows, among: Rows): Rows {
  const equal = (one: readonly number[], other: readonly number[]) =>
    one.every((value, at) => Math.abs(value - other[at]!) < 1e-4);
  return from.filter((row) => !among.some((other) => equal(row, other)));
}

describe.each(
  recorded,
)("merges as the released program does: $frames frames of $tokens, $options", (test) => {
  const { rows, merged, options, tokens, lengths } = test;
  const signals = signalsOf(test);
  const plan = pruneVid(options).plan(signals);
  const ours = applyPlan(plan, signals.patches);
  const row = (at: number) => [...ours.data.subarray(at * ours.columns, (at + 1) * ours.columns)];

  it("every token into one row", () => {
    checkPlan(plan);
    expect([...plan.columns].sort((a, b) => a - b)).toEqual(Array.from(rows.keys()));
  });

  it("segment by segment, what is static first", () => {
    let [at, frame] = [0, 0];
    for (const [segment, length] of lengths.entries()) {
      for (const count of [test.static[segment]!, test.dynamic[segment]!]) {
        const own = Array.from({ length: count }, (_, i) => at + i);
        const [made, theirs] = [own.map(row), merged.slice(at, at + count)];
        expect([missing(made, theirs), missing(theirs, made)]).toEqual([[], []]);
        for (const each of own) {
          const place = Math.floor(plan.keptPatches[each]! / tokens);
          expect(place >= frame && place < frame + length).toBe(true);
        }
        at += count;
      }
      frame += length;
    }
    expect(plan.keptPatches.length).toBe(merged.length);
  });
});

it("leaves nothing of a picture static, and clusters it", () => {
  const rows = recorded[0]!.rows.slice(0, 25);
  const plan = pruneVid({ threshold: -1 }).plan(signalsOf({ frames: 1, tokens: 25, rows }));
  checkPlan(plan);
  expect(plan.keptPatches.length).toBe(12);
});

it.each([
  [[0, 0, 1, 0, 0, 0], [6]],
  [
    [0, 0, 0, 1, 1, 0],
    [3, 3],
  ],
  [[0, 1, 2, 2, 2], [5]],
  [[0, 1, 0, 1], [4]],
  [
    [1, 1, 2, 3, 3],
    [3, 2],
  ],
  [[4], [1]],
])("cuts %j into %j", (clusters, lengths) => {
  expect(videoSegments(clusters).map(({ length }) => length)).toEqual(lengths);
});

it.each([
  [{ threshold: 2 }, /threshold/],
  [{ segments: 0 }, /segments/],
  [{ clusters: 1.5 }, /clusters/],
  [{ tau: 1 }, /tau/],
])("refuses %j", (options, message) => {
  expect(() => pruneVid(options as object)).toThrow(message);
});
