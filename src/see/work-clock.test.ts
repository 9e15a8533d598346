import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { WorkClock } from "./work-clock.js";

describe("a work clock", () => {
  it("takes what a run says for work, the rest until it is back for waiting, and all else for work", async () => {
    const clock = new WorkClock();
    const start = performance.now();
    await clock.during(sleep(60).then(() => ({ milliseconds: 10 })));
    const until = performance.now() + 20;
    while (performance.now() < until); // this thread's own work
    const wall = performance.now() - start;
    expect(clock.waited).toBeGreaterThan(45);
    expect(clock.worked).toBeGreaterThanOrEqual(29);
    // Between the two clocks a busy machine may put another's turn.
    expect(Math.abs(clock.worked + clock.waited - wall)).toBeLessThan(200);
  });

  it("counts a run that was taken back as waiting, and one that does not tell as work", async () => {
    const [taken, silent] = [new WorkClock(), new WorkClock()];
    await taken.during(sleep(30).then(() => undefined));
    await silent.during(sleep(30).then(() => ({})));
    expect(taken.waited).toBeGreaterThan(25);
    expect(silent.waited).toBe(0);
  });

  it("counts a remembered run for what it took, though it is there at once", async () => {
    const clock = new WorkClock();
    await clock.during(Promise.resolve({ milliseconds: 500, remembered: true }));
    expect(clock.worked).toBeGreaterThanOrEqual(499);
    expect(clock.worked).toBeLessThan(700);
  });
});
