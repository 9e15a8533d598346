import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, prumerge } from "./support/command-line.js";
import { journalContent } from "./support/journal-content.js";
import { hasRedisServer, RedisServer } from "./support/redis-server.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const data = at("../benchmarks/pocket");
const scratch = mkdtempSync(join(tmpdir(), "prumerge-queue-"));
const asked = ["gqa", "--data", data, "--limit", "6", "--method", "prumerge+", "--visual-tokens", "8"];

const evaluate = (out: string, more: readonly string[] = [], disturb?: (program: ChildProcess) => void) =>
  prumerge(["eval", ...asked, "--out", out, ...more], disturb && { disturb });

/** What two runs of one plan have in common, in whatever order answers came. */
function outcome(out: string): unknown {
  const [header, ...records] = journalContent(join(out, "journal.jsonl"));
  const files = readdirSync(out, { recursive: true, encoding: "utf8" }).filter(
    (path) => statSync(join(out, path)).isFile() && !["journal.jsonl", "run.json"].includes(path),
  );
  return {
    header,
    records: records.map((record) => JSON.stringify(record)).sort(),
    files: Object.fromEntries(files.sort().map((path) => [path, readFileSync(join(out, path), "utf8")])),
  };
}

describe.runIf(hasRedisServer())("eval through a queue", () => {
  let server: RedisServer;
  let redis: Redis;
  let undisturbed: unknown;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url);
    redis.on("error", () => undefined);
    expect((await evaluate(join(scratch, "undisturbed"))).status).toBe(0);
    undisturbed = outcome(join(scratch, "undisturbed"));
  }, 240_000);

  afterAll(async () => {
    redis?.disconnect();
    await server?.remove();
    rmSync(scratch, { recursive: true });
  });

  function work(more: readonly string[] = [], disturb?: (program: ChildProcess) => void): Promise<Finished> {
    const words = [
      "worker",
      "--queue",
      server.url,
      "--data",
      data,
      "--lock-seconds",
      "2",
      "--exit-when-done",
    ];
    return prumerge([...words, ...more], disturb && { disturb });
  }

  /** The fields of a job that somebody is in the middle of. */
  async function activeJob(): Promise<Record<string, string> | undefined> {
    for (const list of await redis.keys("bull:*:active")) {
      const [id] = await redis.lrange(list, 0, 0);
      const job = id === undefined ? {} : await redis.hgetall(list.replace(/active$/, id));
      if (job.pb !== undefined && job.progress !== "0") return job;
    }
    return undefined;
  }

  it("two workers, one killed in the middle of a job: the journal of one undisturbed process", async () => {
    const out = join(scratch, "killed");
    const programs = new Map<string, ChildProcess>();
    const keep = (program: ChildProcess) => programs.set(`${program.pid}`, program);
    const workers = [work([], keep), work([], keep)];
    const run = evaluate(out, ["--queue", server.url]);
    let killed: string | undefined;
    while (killed === undefined) {
      const [, pid] = /-(\d+)$/.exec((await activeJob())?.pb ?? "") ?? [];
      if (programs.get(pid!)?.kill("SIGKILL")) killed = pid;
      await sleep(5);
    }
    expect((await run).status).toBe(0);
    expect((await Promise.all(workers)).map(({ status }) => status).sort()).toEqual([0, undefined]);
    expect(outcome(out)).toEqual(undisturbed);
    expect(await redis.keys("bull:*:q-*")).toEqual([]);
  }, 240_000);

  it("Redis goes away with all that it held, and comes back", async () => {
    const out = join(scratch, "lost");
    const run = evaluate(out, ["--queue", server.url]);
    const worker = work();
    while ((await activeJob()) === undefined) await sleep(5);
    await server.kill();
    await sleep(500);
    await server.run();
    const { status, stderr } = await run;
    expect(status).toBe(0);
    expect(stderr).toMatch(/has gone away; waiting for it\n(.*\n)*.*is back\n/);
    expect((await worker).status).toBe(0);
    expect(outcome(out)).toEqual(undisturbed);
  }, 240_000);

  it("a question that ends every worker is recorded as failed, and the rest is answered", async () => {
    const out = join(scratch, "poisoned");
    const lines = readFileSync(join(scratch, "undisturbed/answers/gqa/prumerge-plus-8.jsonl"), "utf8");
    const { prompt, question_id } = JSON.parse(lines.split("\n")[1]!);
    const run = evaluate(out, ["--queue", server.url]);
    let [ended, crashes] = [false, 0];
    run.finally(() => {
      ended = true;
    });
    while (!ended) {
      const program = spawn(process.execPath, [at("support/crashing-worker.mjs"), server.url, data, prompt]);
      const signal = await new Promise((resolve) => program.on("exit", (_, name) => resolve(name)));
      if (signal === "SIGKILL") crashes++;
    }
    const { status, stderr } = await run;
    expect(stderr).toContain("1 that failed");
    expect([status, crashes]).toEqual([1, 3]);
    const records = journalContent(join(out, "journal.jsonl")).slice(1) as Record<string, unknown>[];
    expect(records).toHaveLength(6);
    expect(records.filter(({ kind }) => kind === "failure")).toMatchObject([
      { id: question_id, code: "CRASHED", message: "3 workers ended while they answered this question" },
    ]);
    const again = await evaluate(out, ["--retry-failed"]);
    expect(again.status).toBe(0);
    const scores = (folder: string) => readFileSync(join(folder, "scores.json"), "utf8");
    expect(scores(out)).toBe(scores(join(scratch, "undisturbed")));
  }, 240_000);

  it("a worker with another model is refused, and the run is told; Ctrl-C ends both, and the run goes on", async () => {
    const out = join(scratch, "refused");
    const model = join(scratch, "other-model");
    cpSync(at("../models/pocket-llava"), model, { recursive: true });
    writeFileSync(join(model, "added_tokens.json"), "{}");
    let worker: ChildProcess | undefined;
    const other = work(["--model", model], (program) => {
      worker = program;
    });
    const { status, stderr } = await evaluate(out, ["--queue", server.url], (program) =>
      program.stderr!.on("data", (text: string) => {
        if (text.includes("refuses this run")) program.kill("SIGINT");
      }),
    );
    worker!.kill("SIGINT");
    expect(stderr).toMatch(/worker \S+ refuses this run: its model hash is [0-9a-f]{64}, the worker's is/);
    expect(status).toBe(130);
    expect(await other).toMatchObject({ status: 130, stderr: expect.stringContaining("Refused:") });
    const [resumed, helper] = await Promise.all([evaluate(out, ["--queue", server.url]), work()]);
    expect([resumed.status, helper.status]).toEqual([0, 0]);
    expect(outcome(out)).toEqual(undisturbed);
  }, 240_000);

  it("says when nobody answers, and what an address is", async () => {
    const nobody = await evaluate(join(scratch, "nobody"), ["--queue", "redis://127.0.0.1:1"]);
    expect(nobody).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("127.0.0.1:1: the queue's server"),
    });
    const wrong = await evaluate(join(scratch, "nobody"), ["--queue", "http://:secret@127.0.0.1"]);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).not.toContain("secret");
  }, 60_000);
});
