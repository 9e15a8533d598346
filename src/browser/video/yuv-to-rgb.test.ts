import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { hasFfmpeg } from "../../../test/support/ffmpeg.js";
import { type FramePlanes, planesToRgb, readsFormat } from "./yuv-to-rgb.js";

const [width, height] = [64, 48];

/** A test pattern's bytes in a pixel format of ffmpeg, and what ffmpeg makes of them as RGB. */
function recorded(pixels: string): { readonly data: Uint8Array; readonly rgb: Uint8Array } {
  const run = (words: readonly string[], input?: Uint8Array) => {
    const { status, stdout, stderr } = spawnSync(
      "ffmpeg",
      ["-v", "error", ...words, "-f", "rawvideo", "pipe:1"],
      {
        ...(input && { input }),
      },
    );
    expect(status, String(stderr)).toBe(0);
    return Uint8Array.from(stdout);
  };
  const pattern = `testsrc2=size=${width}x${height}`;
  const data = run(["-f", "lavfi", "-i", pattern, "-frames:v", "1", "-pix_fmt", pixels]);
  const raw = ["-f", "rawvideo", "-pix_fmt", pixels, "-s", `${width}x${height}`, "-i", "pipe:0"];
  return { data, rgb: run([...raw, "-sws_flags", "neighbor", "-pix_fmt", "rgb24"], data) };
}

/** Planes one behind the other. */
function planes(...sizes: readonly (readonly [stride: number, rows: number])[]): FramePlanes["planes"] {
  let offset = 0;
  return sizes.map(([stride, rows]) => {
    const plane = { offset, stride };
    offset += stride * rows;
    return plane;
  });
}

const half = [width / 2, height / 2] as const;

describe.runIf(hasFfmpeg())("a frame's planes", () => {
  it.each<[string, string, FramePlanes["planes"], number]>([
    ["I420", "yuv420p", planes([width, height], half, half), 3],
    ["I420A", "yuva420p", planes([width, height], half, half, [width, height]), 3],
    ["NV12", "nv12", planes([width, height], [width, height / 2]), 3],
    ["I422", "yuv422p", planes([width, height], [width / 2, height], [width / 2, height]), 3],
    ["I444", "yuv444p", planes([width, height], [width, height], [width, height]), 3],
    ["I444P12", "yuv444p12le", planes([2 * width, height], [2 * width, height], [2 * width, height]), 3],
    ["I420P10", "yuv420p10le", planes([2 * width, height], [width, height / 2], [width, height / 2]), 4],
    ["BGRA", "bgra", planes([4 * width, height]), 0],
    ["RGBX", "rgb0", planes([4 * width, height]), 0],
  ])("become the colours that ffmpeg makes of them: %s", (format, pixels, at, most) => {
    const { data, rgb } = recorded(pixels);
    expect(readsFormat(format)).toBe(true);
    const found = planesToRgb({ format, width, height, data, planes: at, matrix: null, fullRange: false });
    const levels = found.map((value, place) => Math.abs(value - rgb[place]!));
    expect(Math.max(...levels)).toBeLessThanOrEqual(most);
  });

  it("may hold red, green and blue themselves, green first", () => {
    const { data, rgb } = recorded("gbrp");
    const at = planes([width, height], [width, height], [width, height]);
    const given = { format: "I444", width, height, data, planes: at, matrix: "rgb", fullRange: true };
    expect(planesToRgb(given)).toEqual(rgb);
  });
});

it("other formats are left to the browser", () => {
  expect(["NV21", "I440", "yuv420p", ""].filter(readsFormat)).toEqual([]);
});
