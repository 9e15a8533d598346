import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prumerge, samples } from "../support/command-line.js";

const size = 1024; // kilobytes

/** A small file system is mounted, which Linux lets root do alone. */
const mayMount = process.platform === "linux" && process.getuid?.() === 0;

describe.runIf(mayMount)("on a full disk", () => {
  const disk = mkdtempSync(join(tmpdir(), "prumerge-full-"));
  beforeAll(() => void execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}k`, "tmpfs", disk]));
  afterAll(() => {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  /** Leaves so many kilobytes, of pages of 4. */
  const fill = (left: number) => {
    const file = join(disk, "fill");
    try {
      writeFileSync(file, Buffer.alloc(size * 1024));
    } catch {
      // as far as there was room
    }
    truncateSync(file, Math.max(0, statSync(file).size - left * 1024));
  };
  const run = join(disk, "run");
  const evaluation = (...words: string[]) =>
    prumerge([
      ...[
        "eval",
        "pope",
        "--data",
        "benchmarks/pocket",
        "--method",
        "prumerge",
        "--visual-tokens",
        "adaptive",
      ],
      ...["--limit", "8", "--out", run, "--quiet", ...words],
    ]);

  it.each([
    0, 4, 12,
  ])("an evaluation with %i kB left says so, and goes on when there is room", async (left) => {
    rmSync(run, { recursive: true, force: true });
    fill(left);
    const { status, stderr } = await evaluation();
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^prumerge: .*: the disk is full\n.*make room/i),
    ]);
    const answered = existsSync(join(run, "journal.jsonl"))
      ? readFileSync(join(run, "journal.jsonl"), "utf8")
      : "";
    rmSync(join(disk, "fill"));
    const again = await evaluation();
    expect([again.status, again.stderr]).toEqual([0, ""]);
    const journal = readFileSync(join(run, "journal.jsonl"), "utf8");
    expect(journal.startsWith(answered.slice(0, answered.lastIndexOf("\n") + 1))).toBe(true);
  });

  it.each([
    ["inspect", join(samples, "sample_1.png"), "-o", join(disk, "kept.html")],
    ["encode", join(samples, "sample_1.png"), "-o", join(disk, "tokens.npy")],
    ["report", "RUN", "-o", join(disk, "report.html")],
    ["convert", "models/pocket-llava/checkpoint", join(disk, "model")],
  ])("%s says so and leaves nothing", async (command, input, ...words) => {
    const elsewhere = mkdtempSync(join(tmpdir(), "prumerge-run-"));
    if (input === "RUN") await evaluation("--out", elsewhere);
    fill(0);
    const { status, stderr } = await prumerge([command, input === "RUN" ? elsewhere : input, ...words]);
    rmSync(elsewhere, { recursive: true });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/the disk is full|not enough room/)]);
    expect(existsSync(words.at(-1)!)).toBe(false);
    rmSync(join(disk, "fill"));
  });
});

describe.runIf(existsSync("/dev/full"))("standard output on a full disk", () => {
  it("is told as such", async () => {
    const { spawnSync } = await import("node:child_process");
    const { status, stderr } = spawnSync(
      process.execPath,
      ["dist/cli/main.js", "info", "models/pocket-llava", "--json"],
      {
        stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
        encoding: "utf8",
      },
    );
    expect([status, stderr]).toEqual([1, expect.stringMatching(/the disk is full/)]);
  });
});
