import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, type Picture, pruMergePlus } from "prumerge";
import { planConversion } from "prumerge/convert";
import { llava15Spec } from "../test/support/llava-15.js";
import { writeSyntheticCheckpoint } from "../test/support/synthetic-checkpoint.js";
import type { BenchResult } from "./result.js";

const child = fileURLToPath(new URL("../test/support/conversion-child.mjs", import.meta.url));
const repetitions = 3;
const workers = 2;

export interface ConversionBenchOptions {
  /** Layers of the language model; 32 (default) make LLaVA-1.5-7B's 14 GB. */
  readonly layers?: number;
  /** Folder with room for twice the checkpoint; default the system's temporary folder. */
  readonly scratch?: string;
}

/**
 * Conversion of a generated, sharded float16 checkpoint of LLaVA-1.5-7B's geometry to q4: killed once in the middle, then
 * carried out three times, each in a process of its own whose anonymous memory is sampled, and asked a question.
 */
export async function run({
  layers = 32,
  scratch = tmpdir(),
}: ConversionBenchOptions = {}): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(scratch, "prumerge-bench-conversion-"));
  try {
    const { bavail, bsize } = statfsSync(scratch);
    if (bavail * bsize < (layers * 0.6 + 6) * 1e9) throw new Error(`${scratch} has too little room`);
    const [source, destination] = [join(folder, "checkpoint"), join(folder, "model")];
    writeSyntheticCheckpoint(source, llava15Spec(layers), { form: "safetensors", shardBytes: 5e9 });
    const plan = await planConversion(source);
    const killed = await convertInChild(source, destination, 0.5);
    if (killed.signal !== "SIGKILL")
      throw new Error(`the conversion to be killed ended with ${killed.signal}`);
    const runs: ConversionRun[] = [];
    for (let i = 0; i < repetitions; i++) runs.push(await convertInChild(source, destination));
    await ask(destination);
    const input = plan.inputBytes / 1e6;
    const rates = runs.map(({ seconds }) => input / seconds);
    const spread = `${repetitions} runs, ${rates.map((rate) => rate.toFixed(0)).join(" ")} MB/s`;
    const notes = `${(input / 1e3).toFixed(1)} GB of float16 to ${(plan.outputBytes / 1e9).toFixed(1)} GB, ${workers} threads`;
    return [
      {
        name: "conversion to q4: input",
        median: median(rates),
        unit: "MB/s",
        notes: `${notes}; ${spread}; from the start to the renamed folder on disk`,
      },
      {
        name: "conversion to q4: anonymous memory",
        median: median(runs.map(({ anonymousMegabytes }) => anonymousMegabytes)),
        unit: "MB",
        notes: `highest of samples every 50 ms; ${notes}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface ConversionRun {
  readonly seconds: number;
  readonly anonymousMegabytes: number;
  readonly signal: NodeJS.Signals | null;
}

function convertInChild(source: string, destination: string, killAt?: number): Promise<ConversionRun> {
  const killing = killAt === undefined ? [] : [String(killAt)];
  const work = spawn(process.execPath, [child, source, destination, String(workers), ...killing], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  let anonymousMegabytes = 0;
  work.stdout.on("data", (text: Buffer) => {
    output += text;
  });
  const timer = setInterval(() => {
    anonymousMegabytes = Math.max(anonymousMegabytes, anonymousMemory(work.pid!));
  }, 50);
  return new Promise((resolve, reject) => {
    work.on("error", reject);
    work.on("close", (code, signal) => {
      clearInterval(timer);
      if (code !== 0 && signal === null) reject(new Error(`the conversion ended with exit code ${code}`));
      else resolve({ seconds: Number(output), anonymousMegabytes, signal });
    });
  });
}

/** Resident memory that no file backs, MB; 0 where the system does not say, or the process is gone. */
function anonymousMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024e-6;
  } catch {
    return 0;
  }
}

/** Loads the model and lets it answer: the folder is whole, even if generated weights have nothing to say. */
async function ask(folder: string): Promise<void> {
  const model = await loadModel(folder);
  const picture: Picture = {
    width: 336,
    height: 336,
    data: Uint8Array.from({ length: 336 * 336 * 3 }, (_, i) => (i * 37) % 251),
  };
  const seen = await model.see(picture, pruMergePlus({ tokens: 64 }));
  const { tokenIds, finishReason } = await model.answer(seen, "What is it?", { maxNewTokens: 4 }).result;
  await model.dispose();
  if (tokenIds.length === 0 && finishReason !== "stop") throw new Error("the converted model gave no answer");
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
