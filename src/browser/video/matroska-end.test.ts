import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { missingBytes } from "./matroska-end.js";

const clip = (name: string) =>
  readFileSync(
    fileURLToPath(new URL(`../../../test/fixtures/goldens/video_frames/clips/${name}`, import.meta.url)),
  );

describe("bytes that a Matroska file lacks at its end", () => {
  it("are told by the size that it says it has", () => {
    for (const name of ["vp9.webm", "h264.mkv"]) {
      const bytes = clip(name);
      expect(missingBytes(bytes.subarray(0, 4096), bytes.length)).toBe(0);
      expect(missingBytes(bytes.subarray(0, 200), bytes.length - 70)).toBe(70);
    }
    expect(missingBytes(clip("truncated.webm"), clip("truncated.webm").length)).toBe(922);
  });

  it("are none where nothing says a size, and of other files", () => {
    const bytes = clip("vp9.webm");
    const open = Buffer.from(bytes);
    const at = open.indexOf(Buffer.from([0x18, 0x53, 0x80, 0x67])) + 4;
    open.set([0x01, 255, 255, 255, 255, 255, 255, 255], at);
    expect(missingBytes(open, 100)).toBe(0);
    expect(missingBytes(clip("h264.mp4"), 100)).toBe(0);
    expect(missingBytes(bytes.subarray(0, 40), 100)).toBe(0);
    expect(missingBytes(new Uint8Array(0), 0)).toBe(0);
  });
});
