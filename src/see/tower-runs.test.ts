import { describe, expect, it } from "vitest";
import type { TowerInput, VisionRun, VisionWish } from "../runtime/engine.js";
import { RememberedSight } from "./remembered-sight.js";
import type { SeeingEngine } from "./see-region.js";
import { frameRuns, viewRun } from "./tower-runs.js";
import { WorkClock } from "./work-clock.js";

const [patches, side] = [3, 4];

/** A tower with a class token whose every number tells the frame it is of, out of the first pixel, and the row. */
function tower() {
  const calls: { readonly frames: number[]; readonly want: VisionWish }[] = [];
  const engine: SeeingEngine = {
    vision: { kind: "reduces" },
    project: () => Promise.reject(new Error("not asked")),
    async see(view: TowerInput, _, want = {}): Promise<VisionRun> {
      const frames = [view.data, ...(view.following ?? [])].map((data) => Math.round(data[0]!));
      calls.push({ frames, want });
      const matrix = (rows: number) => ({
        rows: rows * frames.length,
        columns: 1,
        data: Float32Array.from(
          frames.flatMap((frame) => Array.from({ length: rows }, (_, at) => 10 * frame + at)),
        ),
      });
      return {
        features: matrix(patches + 1),
        keptPatches: new Int32Array((patches + 1) * frames.length),
        patches: matrix(patches),
        lastLayer: { keys: matrix(patches + 1), queries: matrix(1), classAttention: matrix(patches).data },
        layers: { [-2]: { keys: matrix(patches + 1), queries: matrix(patches + 1) } },
        classFeatures: matrix(1),
        milliseconds: 5,
      };
    },
  };
  return { engine, calls };
}

function frames(count: number): TowerInput[] {
  return Array.from({ length: count }, (_, frame) => ({
    data: new Float32Array(3 * side * side).fill(frame),
    ...{ height: side, width: side },
  }));
}

describe("runs of a video's frames", () => {
  it("are one run where the tower sees them at once, of which each has its own rows", async () => {
    const { engine, calls } = tower();
    const runs = frameRuns(engine, frames(6), 3, new WorkClock());
    const seen: VisionRun[] = [];
    for (const run of runs) seen.push(await run(1, "identity", { patches: true }));
    expect(calls.map((call) => call.frames)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    seen.forEach((run, frame) => {
      const first = 10 * frame;
      const tokens = [first, first + 1, first + 2, first + 3];
      expect([...run.features.data]).toEqual(tokens);
      expect([...run.keptPatches]).toEqual([0, 1, 2, 3]);
      expect([...run.patches!.data]).toEqual(tokens.slice(0, patches));
      expect([...run.lastLayer!.keys.data]).toEqual(tokens);
      expect([...run.lastLayer!.queries.data]).toEqual([first]);
      expect([...run.lastLayer!.classAttention!]).toEqual(tokens.slice(0, patches));
      expect([...run.layers![-2]!.queries.data]).toEqual(tokens);
      expect([...run.classFeatures!.data]).toEqual([first]);
    });
  });

  it("are run again for another wish, and for fewer pixels", async () => {
    const { engine, calls } = tower();
    const [first, second] = frameRuns(engine, frames(2), 2, new WorkClock());
    await first!(1, "identity", {});
    await second!(1, "identity", { patches: true });
    await second!(0.25, "identity", { patches: true });
    await first!(0.25, "identity", { patches: true });
    expect(calls.map(({ want }) => want.patches ?? false)).toEqual([false, true, true]);
  });

  it("go to the tower for videos one by one where it does not look across them", async () => {
    const { engine, calls } = tower();
    for (const run of frameRuns(engine, frames(2), 1, new WorkClock())) await run(1, "identity", {});
    expect(calls.map((call) => call.frames)).toEqual([[0], [1]]);
    const inputs: TowerInput[] = [];
    const watched: SeeingEngine = {
      ...engine,
      see(view, ...rest) {
        inputs.push(view);
        return engine.see(view, ...rest);
      },
    };
    await frameRuns(watched, frames(1), 1, new WorkClock())[0]!(1, "identity", {});
    await viewRun(watched, frames(1)[0]!, new WorkClock())(1, "identity", {});
    expect(inputs.map(({ following }) => following)).toEqual([[], undefined]);
  });

  it("are remembered as such, and not as those of a picture that the first frame is", async () => {
    const { engine, calls } = tower();
    const sight = new RememberedSight().over(engine);
    const clip = frames(2);
    const see = () => frameRuns(sight, clip, 2, new WorkClock())[1]!(1, "identity", {});
    expect([...(await see()).features.data]).toEqual([10, 11, 12, 13]);
    expect([...(await see()).features.data]).toEqual([10, 11, 12, 13]);
    expect(calls.length).toBe(1);
    const still = await viewRun(sight, clip[0]!, new WorkClock())(1, "identity", {});
    expect([calls.length, still.features.rows]).toEqual([2, patches + 1]);
  });
});
