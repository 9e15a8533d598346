import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BandWriter } from "./band-writer.js";
import { checkDiskSpace, freeBytes } from "./disk-space.js";
import type { RowBand } from "./weight-job.js";

describe("disk space", () => {
  it("is asked of the nearest folder that exists", async () => {
    const free = await freeBytes(join(tmpdir(), "not", "there", "yet"));
    expect(free).toBeGreaterThan(0);
    await expect(checkDiskSpace(join(tmpdir(), "not", "there"), 1)).resolves.toBeUndefined();
  });

  it("is refused before anything is written, with what is needed and what is free", async () => {
    await expect(checkDiskSpace(tmpdir(), 2 ** 62)).rejects.toMatchObject({
      code: "DISK_FULL",
      details: { expected: "4611686018.43 GB free", where: tmpdir() },
    });
  });

  it.runIf(process.platform === "linux")("that runs out in the middle is said as such", async () => {
    const source = fileURLToPath(import.meta.url);
    const stored = { path: source, offset: 0, type: "float16", shape: [2, 2] } as const;
    const output = { op: "copy", file: 0, offset: 0, type: "float16" } as const;
    const job = { source: "weight", stored, rows: 2, columns: 2, outputs: [output] };
    const band: RowBand = { job, startRow: 0, endRow: 2 };
    const writer = new BandWriter(["/dev/full"]);
    await expect(writer.carryOut(band)).rejects.toMatchObject({
      code: "DISK_FULL",
      details: { where: "/dev/full" },
    });
    await writer.close();
  });
});
