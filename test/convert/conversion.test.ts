import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, type Picture, pruMergePlus } from "prumerge";
import { type ConversionProgress, convert, planConversion, readModelFolder } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallLlavaSpec } from "../support/small-llava.js";
import { writeSyntheticCheckpoint } from "../support/synthetic-checkpoint.js";

const conversion = fileURLToPath(new URL("../support/conversion-child.mjs", import.meta.url));
const spec = smallLlavaSpec();
let folder = "";
let source = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-conversion-"));
  source = join(folder, "source");
  writeSyntheticCheckpoint(source, spec, { form: "safetensors", shardBytes: 60_000 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Names beside the sources and destinations of these tests. */
async function hiddenEntries(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith("."));
}

/** Ids of a greedy answer. */
async function answer(path: string): Promise<readonly number[]> {
  const model = await loadModel(path, { worker: false, threads: 1 });
  const picture: Picture = {
    width: 120,
    height: 90,
    data: Uint8Array.from({ length: 120 * 90 * 3 }, (_, i) => (i * 37) % 251),
  };
  const seen = await model.see(picture, pruMergePlus({ tokens: 9 }));
  const { tokenIds } = await model.answer(seen, "What is it?", { maxNewTokens: 8 }).result;
  await model.dispose();
  return tokenIds;
}

/** A callback that acts at its first call only. */
function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

describe("convert", () => {
  it("writes exactly what was planned, and tells how far it is", async () => {
    const plan = await planConversion(source, { dtype: "q8", bakedTokens: 9 });
    const steps: ConversionProgress[] = [];
    const destination = join(folder, "planned");
    const options = { dtype: "q8", bakedTokens: 9, workers: 2 } as const;
    const model = await convert(source, destination, {
      ...options,
      onProgress: (progress) => steps.push(progress),
    });
    const sizes = await Promise.all(
      (await readdir(destination, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(plan.outputBytes);
    expect(sizes.length).toBe(plan.files.length);
    expect(steps.at(-1)).toMatchObject({ doneBytes: plan.inputBytes, totalBytes: plan.inputBytes });
    expect(steps.every(({ doneBytes }, i) => i === 0 || doneBytes > steps[i - 1]!.doneBytes)).toBe(true);
    expect(model.spec).toEqual(spec);
    expect(model.dtypes).toEqual({ vision: "fp32", projector: "fp32", embedTokens: "fp16", decoder: "q8" });
    expect(await hiddenEntries()).toEqual([]);
  });

  it.each([
    "safetensors",
    "torch",
  ] as const)("of %s shards, killed in the middle, leaves nothing that looks finished, and works the next time", async (form) => {
    const checkpoint = join(folder, `${form}-source`);
    writeSyntheticCheckpoint(checkpoint, spec, { form, shardBytes: 60_000 });
    expect((await readdir(checkpoint)).filter((name) => /-of-/.test(name)).length).toBeGreaterThan(5);
    const destination = join(folder, `${form}-killed`);
    const child = spawnSync(process.execPath, [conversion, checkpoint, destination, "2", "0.5"]);
    expect([child.signal, child.stderr.toString()]).toEqual(["SIGKILL", ""]);
    expect(await readdir(folder)).not.toContain(`${form}-killed`);
    expect(await hiddenEntries()).toEqual([
      expect.stringMatching(`^\\.${form}-killed\\.converting-.*-${child.pid}-`),
    ]);
    await convert(checkpoint, destination, { workers: 1 });
    expect(await hiddenEntries()).toEqual([]);
    expect((await answer(destination)).length).toBeGreaterThan(0);
  });

  it("gives the same bytes whatever the threads and the form of the shards", async () => {
    const one = await convert(source, join(folder, "one"), { dtype: "fp32", workers: 0 });
    const ids = await answer(one.path);
    for (const form of ["safetensors", "torch"] as const) {
      const { path, files } = await convert(join(folder, `${form}-source`), join(folder, `${form}-again`), {
        dtype: "fp32",
        workers: 3,
      });
      expect(files).toEqual(one.files);
      for (const file of files.filter((entry) => entry.path.startsWith("onnx/"))) {
        const [first, second] = await Promise.all(
          [one.path, path].map((at) => readFile(join(at, file.path))),
        );
        expect(first!.equals(second!), file.path).toBe(true);
      }
      expect(await answer(path)).toEqual(ids);
    }
  });

  it("stopped by its signal, leaves nothing behind", async () => {
    const stop = new AbortController();
    const destination = join(folder, "stopped");
    const run = convert(source, destination, {
      workers: 2,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: "ABORTED" });
    expect(await readdir(folder)).not.toContain("stopped");
    expect(await hiddenEntries()).toEqual([]);
    await expect(convert(source, destination, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it.each([0, 2])("stopped by what its progress throws, in %i threads, throws that", async (workers) => {
    const onProgress = () => {
      throw new Error("the terminal is gone");
    };
    const run = convert(source, join(folder, "thrown"), { workers, onProgress });
    await expect(run).rejects.toThrow("the terminal is gone");
    expect(await readdir(folder)).not.toContain("thrown");
    expect(await hiddenEntries()).toEqual([]);
  });

  it("stopped by a weight that cannot be stored, names it and leaves nothing behind", async () => {
    const broken = join(folder, "broken-source");
    const wide = { ...spec, language: { ...spec.language, layers: 1 } };
    writeSyntheticCheckpoint(broken, wide, { form: "safetensors", shardBytes: 1e9 });
    const [shard] = (await readdir(broken)).filter((name) => name.endsWith(".safetensors"));
    const bytes = await readFile(join(broken, shard!));
    const headerEnd = 8 + Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, headerEnd).toString());
    const name = "language_model.model.layers.0.mlp.up_proj.weight";
    bytes.writeUInt16LE(0x7e00, headerEnd + header[name].data_offsets[0] + 20);
    await writeFile(join(broken, shard!), bytes);
    for (const workers of [0, 2]) {
      await expect(convert(broken, join(folder, "broken"), { workers })).rejects.toMatchObject({
        code: "INVALID_TENSOR",
        message: expect.stringMatching(`^${name}: .*NaN`),
      });
    }
    expect(await readdir(folder)).not.toContain("broken");
    expect(await hiddenEntries()).toEqual([]);
  });

  it("replaces only what an earlier conversion wrote, and only when told to", async () => {
    const destination = join(folder, "twice");
    await convert(source, destination, { dtype: "q4", workers: 0 });
    await expect(convert(source, destination)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("overwrite"),
    });
    await writeFile(join(destination, "onnx", "notes.txt"), "mine");
    await expect(convert(source, destination, { overwrite: true })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("onnx/notes.txt"),
    });
    await rm(join(destination, "onnx", "notes.txt"));
    // Half of an earlier conversion may be missing.
    await rm(join(destination, "config.json"));
    await convert(source, destination, { dtype: "q8", workers: 0, overwrite: true });
    expect((await readModelFolder(destination)).dtypes.decoder).toBe("q8");
    expect(await readdir(join(destination, "onnx"))).not.toContain("decoder_q4.onnx");
    expect(await hiddenEntries()).toEqual([]);
  });

  it("never replaces other folders or files, but fills an empty folder", async () => {
    const other = join(folder, "other");
    await mkdir(other);
    await convert(source, other, { workers: 0 });
    const mine = join(folder, "mine");
    await mkdir(mine);
    await writeFile(join(mine, "thesis.txt"), "mine");
    for (const destination of [mine, join(mine, "thesis.txt"), source]) {
      await expect(convert(source, destination, { overwrite: true })).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    }
    expect(await readdir(mine)).toEqual(["thesis.txt"]);
  });

  it("leaves alone what came to the destination while it worked", async () => {
    const destination = join(folder, "raced");
    const race = async (overwrite: boolean, come: () => void) => {
      const options = { workers: 0, overwrite, onProgress: once(come) };
      const run = convert(source, destination, options);
      await expect(run).rejects.toMatchObject({ code: "INVALID_OPTION" });
      expect(await hiddenEntries()).toEqual([]);
      const files = await readdir(destination);
      await rm(destination, { recursive: true });
      return files;
    };
    const thesis = () => {
      mkdirSync(destination);
      writeFileSync(join(destination, "thesis.txt"), "mine");
    };
    expect(await race(true, thesis)).toEqual(["thesis.txt"]);
    const earlier = (await convert(source, join(folder, "earlier"), { workers: 0 })).path;
    const conversion = () => cpSync(earlier, destination, { recursive: true });
    expect(await race(false, conversion)).toEqual(await readdir(earlier));
  });

  it("writes to the folder that a link leads to, and leaves the link", async () => {
    const shelf = join(folder, "shelf");
    await mkdir(join(shelf, "model"), { recursive: true });
    const link = join(folder, "link");
    await symlink(join(shelf, "model"), link, "junction");
    for (const overwrite of [false, true]) {
      expect((await convert(source, link, { workers: 0, overwrite })).path).toBe(link);
      expect((await lstat(link)).isSymbolicLink()).toBe(true);
      expect(await readdir(shelf)).toEqual(["model"]);
      expect((await readModelFolder(join(shelf, "model"))).spec).toEqual(spec);
    }
    expect(await hiddenEntries()).toEqual([]);
  });

  it.each([
    ["dtype", { dtype: "q2" as "q4" }],
    ["visionDtype", { visionDtype: "int4" as "q4" }],
    ["workers", { workers: 65 }],
    ["workers", { workers: 1.5 }],
    ["imageAspect", { imageAspect: "stretch" as "crop" }],
    ["resampler", { resampler: "opencv" as "pillow" }],
    ["tokens", { bakedTokens: 38 }],
    ["tokens", { bakedTokens: 0 }],
  ])("refuses %s out of range: %o", async (where, options) => {
    await expect(convert(source, join(folder, "refused"), options)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(where),
    });
    expect(await readdir(folder)).not.toContain("refused");
  });

  it("records another way to make pictures square, and another's arithmetic", async () => {
    const model = await convert(source, join(folder, "padded"), {
      imageAspect: "pad",
      resampler: "torchvision",
      workers: 0,
    });
    expect(model.preprocessing).toMatchObject({ aspect: "pad", resampler: "torchvision" });
    expect((await readModelFolder(join(folder, "padded"))).preprocessing).toEqual(model.preprocessing);
  });
});
