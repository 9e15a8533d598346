import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseGreedily } from "./greedy.js";

/** Whole losses that each choice brings to each candidate: ties are everywhere. */
const game = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.record({
    worths: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: size, maxLength: size }),
    losses: fc.array(fc.array(fc.nat(4), { minLength: size, maxLength: size }), {
      minLength: size,
      maxLength: size,
    }),
    count: fc.integer({ min: 0, max: size }),
    step: fc.integer({ min: 1, max: 3 }),
  }),
);

describe("greedy choice", () => {
  test("is the one of working out every worth at every step, lowest index first among equals", () => {
    fc.assert(
      fc.property(game, ({ worths, losses, count, step }) => {
        const plain = worths.slice();
        const wanted = Array.from({ length: count }, () => {
          const best = plain.indexOf(Math.max(...plain));
          plain[best] = Number.NEGATIVE_INFINITY;
          for (const candidate of plain.keys()) plain[candidate]! -= losses[best]![candidate]!;
          return best;
        });
        const bounds = Float64Array.from(worths);
        const known = worths.map(() => 0);
        const chosen = chooseGreedily(bounds, count, (candidate, choices, made) => {
          if (known[candidate] === made) return false;
          const to = Math.min(made, known[candidate]! + step);
          for (const choice of choices.slice(known[candidate], to))
            bounds[candidate]! -= losses[choice]![candidate]!;
          known[candidate] = to;
          return true;
        });
        expect([...chosen]).toEqual(wanted);
      }),
    );
  });

  test("leaves alone what cannot be next", () => {
    const asked: number[] = [];
    const worths = Float64Array.of(5, 1, 4);
    const chosen = chooseGreedily(worths, 2, (candidate) => {
      asked.push(candidate);
      return false;
    });
    expect([...chosen]).toEqual([0, 2]);
    expect(asked).toEqual([0, 2]);
  });
});
