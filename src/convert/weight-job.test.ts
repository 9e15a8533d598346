import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WeightRecipe } from "../graphs/weights.js";
import { WeightFile } from "../onnx/weight-file.js";
import { decodeFloat16, encodeFloat16 } from "../tensor/half.js";
import { dequantizeRows } from "./quantize.js";
import type { StoredTensor, TensorTable } from "./source/tensor-source.js";
import { cutIntoBands, planJobs } from "./weight-job.js";
import { carryOutBands } from "./worker-pool.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-jobs-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes tensors one after another into a raw file, as a checkpoint shard holds them. */
async function store(
  name: string,
  tensors: Record<string, { shape: number[]; type: "float32" | "float16"; values: Float32Array }>,
): Promise<TensorTable> {
  const path = join(folder, name);
  const table = new Map<string, StoredTensor>();
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [key, { shape, type, values }] of Object.entries(tensors)) {
    const { buffer, byteOffset, byteLength } = type === "float32" ? values : encodeFloat16(values);
    table.set(key, { path, offset, type, shape });
    parts.push(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength));
    offset += byteLength;
  }
  await writeFile(path, Buffer.concat(parts));
  return table;
}

function ramp(count: number, step: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));
}

function place(file: WeightFile<WeightRecipe>, bytes: number, recipe: WeightRecipe): number {
  return file.place(JSON.stringify(recipe), bytes, recipe).offset;
}

describe("weight jobs", () => {
  it("write every form of a tensor, band by band, as if it had been held whole", async () => {
    const [rows, columns] = [37, 70];
    const matrix = ramp(rows * columns, 0.37);
    const table = await store("forms.bin", {
      other: { shape: [5], type: "float32", values: ramp(5, 1) },
      matrix: { shape: [rows, columns], type: "float32", values: matrix },
    });
    const first = new WeightFile<WeightRecipe>("first");
    const second = new WeightFile<WeightRecipe>("second");
    const base = { source: "matrix", rows, columns } as const;
    const at = {
      other: place(first, 20, { op: "copy", source: "other", shape: [5], type: "float32" }),
      copy: place(first, rows * columns * 2, {
        op: "copy",
        source: "matrix",
        shape: [rows, columns],
        type: "float16",
      }),
      transposed: place(first, rows * columns * 4, { op: "transpose", ...base, type: "float32" }),
      blocks: place(second, rows * 3 * 16, { op: "quantize", ...base, bits: 4, part: "blocks" }),
      scales: place(second, rows * 3 * 4, { op: "quantize", ...base, bits: 4, part: "scales" }),
      whole: place(second, rows * columns, { op: "integers", ...base, part: "whole" }),
      unit: place(second, rows * 4, { op: "integers", ...base, part: "scales" }),
      half: place(second, rows * columns * 2, { op: "transpose", ...base, type: "float16" }),
    };
    const jobs = planJobs([first.placements, second.placements], table);
    expect(jobs.map((job) => [job.source, job.outputs.length])).toEqual([
      ["other", 1],
      ["matrix", 5],
    ]);
    const paths = [join(folder, "first"), join(folder, "second")];
    for (const [i, { byteLength }] of [first, second].entries()) {
      await writeFile(paths[i]!, "");
      await truncate(paths[i]!, byteLength);
    }
    const bands = cutIntoBands(jobs, 8 * columns * 4);
    expect(bands.length).toBe(1 + Math.ceil(rows / 8));
    let done = 0;
    await carryOutBands(bands, paths, { workers: 0, onBytes: (bytes) => (done += bytes) });
    expect(done).toBe(20 + rows * columns * 4);

    const [one, two] = await Promise.all(paths.map(async (path) => new Uint8Array(await readFile(path))));
    const floats = (bytes: Uint8Array, offset: number, count: number) =>
      new Float32Array(bytes.slice(offset, offset + count * 4).buffer);
    const halves = (bytes: Uint8Array, offset: number, count: number) =>
      decodeFloat16(new Uint16Array(bytes.slice(offset, offset + count * 2).buffer));
    expect([...floats(one!, at.other, 5)]).toEqual([...ramp(5, 1)]);
    const copied = halves(one!, at.copy, rows * columns);
    const turned = floats(one!, at.transposed, rows * columns);
    const turnedHalf = halves(two!, at.half, rows * columns);
    const blocks = two!.slice(at.blocks, at.blocks + rows * 3 * 16);
    const quantized = dequantizeRows({ blocks, scales: floats(two!, at.scales, rows * 3) }, columns, 4);
    const whole = new Int8Array(two!.slice(at.whole, at.whole + rows * columns).buffer);
    const units = floats(two!, at.unit, rows);
    for (let row = 0; row < rows; row++) {
      const largest = Math.max(...matrix.subarray(row * columns, (row + 1) * columns).map(Math.abs));
      expect(units[row]).toBe(Math.fround(largest / 127));
      for (let column = 0; column < columns; column++) {
        const value = matrix[row * columns + column]!;
        expect(Math.abs(whole[column * rows + row]! * units[row]! - value)).toBeLessThan(units[row]! * 0.501);
        expect(turned[column * rows + row]).toBe(value);
        expect(copied[row * columns + column]).toBe(turnedHalf[column * rows + row]);
        expect(Math.abs(copied[row * columns + column]! - value)).toBeLessThan(2.5e-4);
        expect(Math.abs(quantized[row * columns + column]! - value)).toBeLessThan(0.126);
      }
    }
  });

  it("refuses a tensor that is missing or has another shape, by name", async () => {
    const table = await store("shapes.bin", { w: { shape: [4, 6], type: "float16", values: ramp(24, 1) } });
    const plan = (recipe: WeightRecipe) => {
      const file = new WeightFile<WeightRecipe>("file");
      place(file, 96, recipe);
      return () => planJobs([file.placements], table);
    };
    expect(plan({ op: "transpose", source: "w", rows: 6, columns: 4, type: "float32" })).toThrowError(
      expect.objectContaining({
        code: "INVALID_FILE",
        message: expect.stringMatching(/w: .*\[6, 4\].*\[4, 6\]/),
      }),
    );
    expect(plan({ op: "copy", source: "v", shape: [24], type: "float32" })).toThrowError(
      expect.objectContaining({ code: "NOT_FOUND", message: expect.stringContaining("v: ") }),
    );
  });

  it.each([
    ["NaN", Number.NaN, "float32"],
    ["an infinity", Number.NEGATIVE_INFINITY, "float32"],
    ["too large for float16", 65520, "float16"],
  ] as const)("refuses weights that are %s, naming the tensor", async (_, bad, type) => {
    const values = ramp(24, 1);
    values[17] = bad;
    const table = await store(`bad-${String(bad)}.bin`, {
      weight: { shape: [4, 6], type: "float32", values },
    });
    const file = new WeightFile<WeightRecipe>("file");
    place(file, 24 * 4, { op: "copy", source: "weight", shape: [4, 6], type });
    const path = join(folder, `bad-${String(bad)}.out`);
    await writeFile(path, "");
    const run = carryOutBands(cutIntoBands(planJobs([file.placements], table), 48), [path], { workers: 0 });
    await expect(run).rejects.toMatchObject({
      code: "INVALID_TENSOR",
      message: expect.stringMatching(/^weight: /),
    });
  });

  it("stops between bands when told to", async () => {
    const table = await store("abort.bin", { w: { shape: [4, 6], type: "float32", values: ramp(24, 1) } });
    const file = new WeightFile<WeightRecipe>("file");
    place(file, 96, { op: "copy", source: "w", shape: [4, 6], type: "float32" });
    const path = join(folder, "abort.out");
    await writeFile(path, "");
    const stop = new AbortController();
    let bands = 0;
    const run = carryOutBands(cutIntoBands(planJobs([file.placements], table), 24), [path], {
      workers: 0,
      signal: stop.signal,
      onBytes: () => {
        bands++;
        stop.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: "ABORTED" });
    expect(bands).toBe(1);
  });
});
