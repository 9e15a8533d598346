import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { loadEngine } from "../../dist/runtime/index.js";
import type { WorkerSetup } from "../../dist/runtime/worker-protocol.js";
import { WorkerCaller } from "../../dist/runtime/worker-side.js";
import { writeLanguageFolder } from "../support/tiny-folder.js";
import { goldenCases, tinyLanguageSpec, tinyWeights } from "../support/tiny-llava.js";

const model = "tiny-llava-llama";
const spec = tinyLanguageSpec(model);
const { hiddenSize, vocabularySize } = spec.language;
const folder = writeLanguageFolder(spec, tinyWeights(model));
afterAll(() => rmSync(folder.path, { recursive: true }));
const argmax = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
const matrix = (data: Float32Array) => ({ rows: data.length / hiddenSize, columns: hiddenSize, data });

describe("an engine in worker threads", () => {
  it.each(goldenCases(model))("continues greedily as recorded: $name", async (golden) => {
    const engine = await loadEngine(folder.path, { threads: 1, warm: ["language"] });
    const cache = await engine.createCache();
    let run = await engine.forward(cache, matrix(golden.embeddings));
    expect(golden.embeddings.length).toBe(golden.length * hiddenSize); // copied, not taken away
    const ids = [argmax(run.logits)];
    while (ids.length < golden.greedyIds.length) {
      run = await engine.forward(cache, [ids.at(-1)!]);
      ids.push(argmax(run.logits));
    }
    expect(ids).toEqual(golden.greedyIds);
    expect((await engine.cacheMemory(cache)).usedBytes).toBe((golden.length + 15) * 2 * 2 * 64 * 4);
    await engine.dispose();
  });

  it("leaves the caller's event loop free while it runs", async () => {
    const engine = await loadEngine(folder.path, { threads: 1 });
    const cache = await engine.createCache();
    await engine.forward(cache, [1]);
    let turns = 0;
    let running = true;
    const turn = () => {
      turns++;
      if (running) setImmediate(turn);
    };
    turn();
    const { milliseconds } = await engine.forward(
      cache,
      matrix(new Float32Array(900 * hiddenSize).fill(0.1)),
    );
    running = false;
    expect(milliseconds).toBeGreaterThan(5);
    expect(turns).toBeGreaterThan(50);
    await engine.dispose();
  });

  it("hands errors on with their code, summary and details", async () => {
    const engine = await loadEngine(folder.path);
    await expect(engine.forward(7, [1])).rejects.toMatchObject({
      name: "PrumergeError",
      code: "NOT_FOUND",
      summary: "no such key/value cache",
      details: { found: "7" },
    });
    await expect(engine.embed([vocabularySize])).rejects.toMatchObject({
      code: "RUNTIME",
      details: { where: `${folder.path}/onnx/embed_tokens.onnx`, cause: expect.any(Error) },
    });
    await expect(engine.project(matrix(new Float32Array(64)))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await engine.dispose();
    await expect(engine.embed([1])).rejects.toMatchObject({
      code: "RUNTIME",
      summary: "the engine is disposed",
    });
  });

  it("rejects what is pending, and what follows, once its worker is dead", async () => {
    const files = { folder: folder.path };
    const setup: WorkerSetup = { side: "language", files, options: {} };
    const dying = new URL("../support/dying-worker.mjs", import.meta.url);
    for (const [method, summary] of [
      ["warm", "the engine's worker ended"],
      ["embed", "the engine's worker failed"],
    ] as const) {
      const caller = new WorkerCaller(setup, dying);
      const calls = [caller.call(method), caller.call("createCache")];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "RUNTIME", summary });
      await expect(caller.call("createCache")).rejects.toMatchObject({ summary });
      await caller.dispose();
    }
  });

  it("does not keep a process alive that forgot to dispose of it", async () => {
    const built = new URL("../../dist/runtime/index.js", import.meta.url).href;
    const script = `
      const { loadEngine } = await import(${JSON.stringify(built)});
      const engine = await loadEngine(${JSON.stringify(folder.path)}, { threads: 1 });
      const cache = await engine.createCache();
      console.log((await engine.forward(cache, [1, 2, 3])).logits.length);`;
    const args = ["--input-type=module", "--eval", script];
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 30_000 });
    expect(stdout.trim()).toBe(String(vocabularySize));
  });
});
