import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { checkPlan } from "../check-plan.js";
import type { Signals } from "../signals.js";
import { dyCoke } from "./dycoke.js";

interface Recorded {
  readonly frames: number;
  readonly tokens: number;
  readonly pruning: number;
  readonly rows: readonly (readonly number[])[];
  readonly kept: readonly number[];
}

/** What the released program kept: dycoke.py. */
const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/reduce/dycoke.json", import.meta.url), "utf8"),
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

it.each(recorded)("keeps what the released program keeps of $frames frames at $pruning", (test) => {
  const { frames, tokens, pruning, kept } = test;
  const plan = dyCoke({ pruning }).plan(signalsOf(test));
  checkPlan(plan);
  const ofFrame = (patches: ArrayLike<number>, frame: number) =>
    Array.from(patches)
      .filter((patch) => Math.floor(patch / tokens) === frame)
      .sort((a, b) => a - b);
  // It leaves the third frame of the last group whole.
  const left = frames - 2;
  for (let frame = 0; frame < frames; frame++)
    if (frame !== left) expect(ofFrame(plan.keptPatches, frame)).toEqual(ofFrame(kept, frame));
  expect(ofFrame(kept, left).length).toBe(tokens);
  expect(ofFrame(plan.keptPatches, left).length).toBe(Math.trunc((1 - pruning) * tokens));
  expect([...plan.keptPatches]).toEqual([...plan.keptPatches].sort((a, b) => a - b));
});

it("keeps every patch of a picture, which is one frame", () => {
  const rows = recorded[0]!.rows.slice(0, 20);
  expect(dyCoke().plan(signalsOf({ frames: 1, tokens: 20, rows })).keptPatches.length).toBe(20);
});

it.each([
  [{ pruning: 1.1 }, /pruning/],
  [{ rate: 1 }, /rate/],
])("refuses %j", (options, message) => {
  expect(() => dyCoke(options as object)).toThrow(message);
});
