import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { chooseFrames, type FrameSampling, sampleFrames, samplingRules } from "./sampling.js";

interface Row {
  readonly total: number;
  readonly rate?: number;
  readonly fps?: number;
  readonly count?: number;
  readonly qwen2: Recorded;
  readonly qwen3: Recorded;
}

type Recorded =
  | string
  | readonly number[]
  | { readonly count: number; readonly sum: number; readonly first: number[]; readonly last: number[] };

const { rows }: { rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL("../../test/fixtures/video/rated-sampling.json", import.meta.url), "utf8"),
);

const qwen2 = { rule: "arange-float32", multiple: 2 } as const;
const qwen3 = { rule: "linspace-rounded" } as const;

/** Long rows are recorded by their ends and their sum. */
function like(recorded: Recorded, frames: readonly number[]): unknown {
  if (typeof recorded === "string" || "length" in recorded) return frames;
  const sum = frames.reduce((total, frame) => total + frame, 0);
  return { count: frames.length, sum, first: frames.slice(0, 6), last: frames.slice(-6) };
}

describe("frames by their number per second", () => {
  it("are those of transformers' processors of Qwen2-VL and Qwen3-VL", () => {
    expect(rows.length).toBeGreaterThan(300);
    for (const { total, rate = 24, fps, count, ...recorded } of rows) {
      const limits = fps === undefined ? { count: count! } : { count: 768, minimum: 4, fps };
      for (const [name, rule] of [
        ["qwen2", qwen2],
        ["qwen3", qwen3],
      ] as const) {
        if (typeof recorded[name] === "string" || recorded[name] === null) continue; // raises; ours is below
        const frames = chooseFrames({ ...rule, ...limits }, { total, rate });
        const expected = Array.isArray(recorded[name]) && recorded[name].length === 0 ? [0] : recorded[name];
        expect(like(recorded[name], frames), `${name} ${total} ${rate} ${fps} ${count}`).toEqual(expected);
      }
    }
  });

  it("are one where there is only one, which Qwen2-VL's processor fails on", () => {
    const sampling = { ...qwen2, count: 768, minimum: 4, fps: 2 };
    expect(chooseFrames(sampling, { total: 1, rate: 25 })).toEqual([0]);
  });

  it("are every so many of LLaVA-NeXT's training, and evenly spread where that were too many", () => {
    const every: FrameSampling = { rule: "every", fps: 1, count: 4 };
    expect(chooseFrames(every, { total: 100, rate: 29.97 })).toEqual([0, 30, 60, 90]);
    expect(chooseFrames(every, { total: 130, rate: 29.97 })).toEqual([0, 43, 86, 129]);
    expect(chooseFrames({ ...every, fps: 100 }, { total: 3, rate: 25 })).toEqual([0, 1, 2]);
  });

  it("are refused of a video whose rate nothing tells", async () => {
    const sampling: FrameSampling = { rule: "linspace-rounded", count: 8, fps: 2 };
    expect((await refusal("INVALID_OPTION", () => chooseFrames(sampling, { total: 10 }))).message).toMatch(
      /rate/,
    );
  });
});

describe("frames by their number", () => {
  it("can be shown once each", () => {
    const sampling: FrameSampling = { rule: "arange", count: 8 };
    expect(chooseFrames(sampling, { total: 5 })).toEqual([0, 0, 1, 1, 2, 3, 3, 4]);
    expect(chooseFrames({ ...sampling, once: true }, { total: 5 })).toEqual([0, 1, 2, 3, 4]);
  });

  it.each(samplingRules)("of the rule %s ascend and lie in the video", (rule) => {
    for (const total of [8, 9, 31, 1000]) {
      for (const count of [1, 2, 7, 8]) {
        const frames = sampleFrames(rule, count, total);
        expect(frames).toEqual([...frames].sort((a, b) => a - b));
        expect(frames[0]).toBeGreaterThanOrEqual(0);
        expect(frames.at(-1)).toBeLessThan(total);
        expect(frames.length).toBeLessThanOrEqual(count);
      }
    }
  });

  it.each<[string, RegExp, () => unknown]>([
    ["no frames", /1 to 4096, found 0/, () => sampleFrames("linspace", 0, 8)],
    ["half a frame", /whole/, () => sampleFrames("linspace", 1.5, 8)],
    ["an empty video", /total/, () => sampleFrames("linspace", 8, 0)],
    ["more than there are", /fewer frames/, () => sampleFrames("floor", 9, 8)],
    ["an unknown rule", /linspace/, () => sampleFrames("evenly" as never, 8, 8)],
    ["no rate", /needs/, () => chooseFrames({ rule: "every", count: 8 }, { total: 8, rate: 1 })],
    [
      "no frames per second",
      /more than 0/,
      () => chooseFrames({ rule: "linspace", count: 8, fps: 0 }, { total: 8, rate: 1 }),
    ],
    [
      "too many at least",
      /minimum/,
      () => chooseFrames({ rule: "linspace", count: 8, minimum: 9 }, { total: 8 }),
    ],
  ])("are refused: %s", async (_, message, choose) => {
    expect((await refusal("INVALID_OPTION", choose)).message).toMatch(message);
  });
});
