import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PrefillLane } from "./prefill-lane.js";

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the prefill lane", () => {
  it("never holds two counts, lets everybody in, and in order", async () => {
    const visits = fc.array(
      fc.record({ rows: fc.integer({ min: 1, max: 3 }), stay: fc.nat(4), leaves: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    await fc.assert(
      fc.asyncProperty(visits, async (list) => {
        const lane = new PrefillLane();
        const inside: number[] = [];
        const entered: number[] = [];
        await Promise.all(
          list.map(async ({ rows, stay, leaves }, at) => {
            const controller = new AbortController();
            if (leaves) setImmediate(() => controller.abort(new Error("gone")));
            const leave = await lane.enter(rows, controller.signal).catch(() => undefined);
            if (leave === undefined) return;
            inside.push(rows);
            entered.push(at);
            expect(new Set(inside).size).toBe(1);
            for (let step = 0; step < stay; step++) await turn();
            inside.splice(inside.indexOf(rows), 1);
            leave();
            leave();
          }),
        );
        expect(entered).toEqual([...entered].sort((a, b) => a - b));
        expect(lane.waiting).toBe(0);
        for (const [at, { leaves }] of list.entries()) if (!leaves) expect(entered).toContain(at);
      }),
    );
  });

  it("refuses those who have gone already", async () => {
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(new PrefillLane().enter(1, gone)).rejects.toThrow("gone");
    expect(await new PrefillLane().enter(1, never)).toBeTypeOf("function");
  });
});
