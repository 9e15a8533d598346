import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConvertOptions, convert } from "prumerge/convert";
import { writeSyntheticCheckpoint } from "../test/support/synthetic-checkpoint.js";
import type { BenchResult } from "./result.js";
import { starterSpecs } from "./support/starter-specs.js";

const child = fileURLToPath(new URL("support/first-answer-child.mjs", import.meta.url));
const chosen = (variable: string, all: readonly string[]) => process.env[variable]?.split(";") ?? all;
const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 5);

/** What is converted to, by the words that the results call it. */
const forms: Readonly<Record<string, Pick<ConvertOptions, "dtype" | "visionDtype">>> = {
  q4: { dtype: "q4" },
  "q4, tower fp16": { dtype: "q4", visionDtype: "fp16" },
  q8: { dtype: "q8" },
};

/** Milliseconds of one first token; `processor` counts all threads, and other programs' load moves it little. */
interface FirstToken {
  readonly encode: number;
  readonly firstToken: number;
  readonly processor: number;
  readonly promptTokens: number;
}

interface Asked {
  readonly times: Readonly<Record<string, readonly FirstToken[]>>;
  readonly memory: Readonly<
    Record<"reduced" | "unreduced", { readonly peakResident: number; readonly anonymous: number }>
  >;
}

/**
 * Checkpoints to begin with: generated float16 weights of their exact geometry are written, converted and asked for a first
 * token with all visual tokens, 144 and 64, in turns within one process.
 *
 * Environment: `PRUMERGE_BENCH_SCRATCH`, a folder with 8 GB to spare (default: the system's temporary one);
 * `PRUMERGE_BENCH_ROUNDS`, repetitions (default 5); `PRUMERGE_BENCH_STARTERS` and `PRUMERGE_BENCH_FORMS`, some of the ids
 * and forms, separated by semicolons (default all).
 */
export async function run(): Promise<BenchResult[]> {
  const scratch = process.env.PRUMERGE_BENCH_SCRATCH ?? tmpdir();
  const { bavail, bsize } = statfsSync(scratch);
  if (bavail * bsize < 8e9) throw new Error(`${scratch} has too little room`);
  const results: BenchResult[] = [];
  for (const id of chosen("PRUMERGE_BENCH_STARTERS", Object.keys(starterSpecs))) {
    const folder = mkdtempSync(join(scratch, "prumerge-bench-starters-"));
    try {
      results.push(...(await measure(id, folder)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return results;
}

async function measure(id: string, folder: string): Promise<BenchResult[]> {
  const spec = starterSpecs[id]!();
  const [source, model] = [join(folder, "checkpoint"), join(folder, "model")];
  const bytes = writeSyntheticCheckpoint(source, spec, { form: "safetensors", shardBytes: 5e9 });
  const name = id.split("/").at(-1)!;
  const results: BenchResult[] = [
    { name: `${name}: weights`, median: bytes / 1e9, unit: "GB", notes: "float16, as downloaded; generated" },
  ];
  for (const form of chosen("PRUMERGE_BENCH_FORMS", Object.keys(forms))) {
    const started = performance.now();
    const { files } = await convert(source, model, { ...forms[form], workers: 2, overwrite: true });
    const seconds = (performance.now() - started) / 1000;
    const size = files.reduce((sum, file) => sum + file.bytes, 0);
    const asked: Asked = JSON.parse(
      execFileSync(process.execPath, [child, model, String(rounds)], { encoding: "utf8" }),
    );
    results.push(
      { name: `${name} ${form}: folder`, median: size / 1e9, unit: "GB", notes: "sum of its files" },
      { name: `${name} ${form}: conversion`, median: seconds, unit: "s", notes: "one run, 2 threads" },
      ...memories(`${name} ${form}`, asked),
      ...times(`${name} ${form}`, asked),
    );
  }
  return results;
}

function memories(name: string, { memory }: Asked): BenchResult[] {
  return Object.entries(memory).map(([what, { peakResident, anonymous }]) => ({
    name: `${name}: memory, ${what}`,
    median: peakResident / 1e9,
    unit: "GB",
    notes: `most resident, of the whole process; ${(anonymous / 1e9).toFixed(2)} GB of it that no file backs, after the answer`,
  }));
}

function times(name: string, { times: all }: Asked): BenchResult[] {
  const of = (what: string, key: keyof FirstToken) => all[what]!.map((run) => run[key]);
  return Object.keys(all).flatMap((what) => {
    const about = `${all[what]![0]!.promptTokens} tokens of prompt, ${spread(of(what, "firstToken"))}`;
    const gain = (key: keyof FirstToken) => median(of("unreduced", key)) / median(of(what, key));
    const result = (title: string, value: number, unit: string, notes: string): BenchResult => {
      return { name: `${name}: ${title}, ${what}`, median: value, unit, notes };
    };
    return [
      result("first token", median(of(what, "firstToken")), "ms", `encoder included; ${about}`),
      result("encoder", median(of(what, "encode")), "ms", "of it"),
      result(
        "processor time",
        median(of(what, "processor")),
        "ms",
        `of all threads; ${spread(of(what, "processor"))}`,
      ),
      ...(what === "unreduced"
        ? []
        : [
            result("gain", gain("firstToken"), "ratio", "first token, unreduced over reduced"),
            result("gain in processor time", gain("processor"), "ratio", "unreduced over reduced"),
          ]),
    ];
  });
}

function spread(values: readonly number[]): string {
  return `median of ${values.length}, ${Math.min(...values).toFixed(0)} .. ${Math.max(...values).toFixed(0)}, 2 threads`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
