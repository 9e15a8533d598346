import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { llava15Spec } from "../test/support/llava-15.js";
import type { BenchResult } from "./result.js";
import {
  type Contestant,
  contestants,
  type Ran,
  type Report,
  withIntegers,
} from "./support/rivals/contestants.js";
import { writeGgufModel } from "./support/rivals/gguf-model.js";
import { writeRivalFolder } from "./support/rivals/rival-folder.js";

/** Tokens of a prompt around a picture, and of a picture unreduced and reduced. */
const [text, whole, few] = [40, 576, 33];
const threads = 2;
/** Contexts at which a token's time is told: the median of this many tokens around it. */
const [near, far, around] = [100, 640, 16];

/** Unreduced with tokens up to 640 of context, one whose tokens come at 100, and reduced. */
const runs = [
  { prompt: whole + text, tokens: far + around / 2 - whole - text },
  { prompt: near - around / 2, tokens: around + 1 },
  { prompt: few + text, tokens: 1 },
];

/**
 * The language model of LLaVA-1.5-7B with generated weights, q4 in blocks of 32, in other programs beside ours, in turns, each time in a
 * process of its own: llama.cpp (node-llama-cpp's binary, the same weights as GGUF), transformers.js (the converted folder's common
 * form) and OpenVINO (the same weights in a graph of its own). Prompts of 616 and 73 tokens, tokens at 100 and 640 of context, memory.
 *
 * Environment: `PRUMERGE_BENCH_LAYERS` (default 32), `PRUMERGE_BENCH_ROUNDS` (3), `PRUMERGE_BENCH_RIVALS`, names with commas between them
 * (default all), `PRUMERGE_BENCH_SCRATCH`, a folder with 18 GB to spare at 32 layers.
 */
export async function run(): Promise<BenchResult[]> {
  const layers = Number(process.env.PRUMERGE_BENCH_LAYERS ?? 32);
  const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 3);
  const names = (
    process.env.PRUMERGE_BENCH_RIVALS ?? `prumerge,${withIntegers},llama.cpp,transformers.js,openvino`
  ).split(",");
  const spec = llava15Spec(layers);
  const parent = await scratch(3e9 + layers * 4.7e8);
  try {
    const [folder, gguf] = [join(parent, "model"), join(parent, "model.gguf")];
    const { language, vision } = spec;
    const placed = await writeRivalFolder(folder, spec);
    if (names.includes("llama.cpp")) await writeGgufModel(gguf, language, placed);
    const material = { folder, gguf, language, weights: placed, side: vision.imageSize, few, threads };
    const reports = measure(contestants(material, names), rounds);
    return tell(reports, `${layers} layers, q4 block 32, ${threads} threads`);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function scratch(needed: number): Promise<string> {
  const place = process.env.PRUMERGE_BENCH_SCRATCH ?? tmpdir();
  const { bavail, bsize } = await statfs(place);
  if (bavail * bsize < needed) throw new Error(`${place} has no ${(needed / 1e9).toFixed(1)} GB to spare`);
  return mkdtemp(join(place, "prumerge-bench-rivals-"));
}

type Reports = ReadonlyMap<string, readonly Report[]>;

function measure(all: readonly Contestant[], rounds: number): Reports {
  const reports = new Map<string, Report[]>();
  const broken = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of round % 2 === 0 ? all : all.toReversed()) {
      if (broken.has(name)) continue;
      try {
        const report = run(runs);
        reports.set(name, [...(reports.get(name) ?? []), report]);
        const [unreduced] = report.runs;
        console.error(
          `${name}, round ${round + 1}: ${(unreduced!.first / 1000).toFixed(1)} s for ${whole + text} tokens`,
        );
      } catch (error) {
        broken.add(name);
        console.error(`${name} is left out, since it fails: ${String(error)}`);
      }
    }
  }
  return reports;
}

function tell(reports: Reports, about: string): BenchResult[] {
  const results: BenchResult[] = [];
  const value = (name: string, of: (report: Report) => number) => median(reports.get(name)!.map(of));
  const add = (name: string, amount: number, unit: string, notes: string) =>
    results.push({ name, median: amount, unit, notes });
  const ours = reports.get("prumerge")?.[0];
  const encoder = ours ? value("prumerge", (report) => report.encoder!.unreduced) : Number.NaN;
  for (const [name, all] of reports) {
    const notes = `${about}; median of ${all.length}`;
    const first = (at: number) => value(name, (report) => report.runs[at]!.first);
    add(`${name}: prefill of ${whole + text}`, first(0), "ms", notes);
    add(
      `${name}: first token unreduced`,
      encoder + first(0),
      "ms",
      `${notes}; our encoder's ${encoder.toFixed(0)} ms included`,
    );
    add(`${name}: prefill of ${few + text}`, first(2), "ms", notes);
    add(
      `${name}: token at ${near}`,
      value(name, (report) => tokenAt(report, near)),
      "ms",
      notes,
    );
    add(
      `${name}: token at ${far}`,
      value(name, (report) => tokenAt(report, far)),
      "ms",
      notes,
    );
    const anonymous = value(name, ({ memory }) => memory.anonymous) / 1e9;
    add(
      `${name}: memory`,
      value(name, ({ memory }) => memory.peak) / 1e9,
      "GB",
      `most resident, language model alone; ${anonymous.toFixed(2)} GB of it that no file backs`,
    );
    if (ours)
      add(
        `${name}: tokens equal to ours`,
        equal(all[0]!, ours),
        "share",
        "greedy; scales are float16 in GGUF",
      );
  }
  for (const own of ["prumerge", withIntegers])
    if (ours && reports.has(own)) results.push(...against(own, reports, encoder, value));
  return results;
}

/** Ours beside each of the others. */
function against(
  ours: string,
  reports: Reports,
  encoder: number,
  value: (name: string, of: (report: Report) => number) => number,
): BenchResult[] {
  const reduced = value(ours, (report) => report.encoder!.reduced + report.runs[2]!.first);
  const own: BenchResult = {
    ...{ name: `${ours}: first token reduced`, median: reduced, unit: "ms" },
    notes: `encoder and ${few + text} tokens`,
  };
  const ratios = [...reports.keys()].flatMap((name): BenchResult[] => {
    const over = (what: string, of: (report: Report) => number, target: string): BenchResult => ({
      name: `${ours} over ${name}: ${what}`,
      ...{ median: value(ours, of) / value(name, of), unit: "ratio", notes: target },
    });
    const theirs = encoder + value(name, (report) => report.runs[0]!.first);
    const gain: BenchResult = {
      name: `${ours} reduced over ${name} unreduced: first token`,
      ...{ median: reduced / theirs, unit: "ratio" },
      notes: "with the same encoder's time in both; at most 0.2 beside llama.cpp is wanted",
    };
    if (name === ours) return [gain];
    const most = (limit: number) => (name === "llama.cpp" ? `at most ${limit} is wanted` : "");
    return [
      over(`prefill of ${whole + text}`, (report) => report.runs[0]!.first, most(1.1)),
      over(`token at ${near}`, (report) => tokenAt(report, near), most(1.2)),
      over(`token at ${far}`, (report) => tokenAt(report, far), most(1.2)),
      gain,
    ];
  });
  return [own, ...ratios];
}

/** Median of the tokens around a length of context. */
function tokenAt({ runs: ran }: Report, context: number): number {
  const at = context === far ? 0 : 1;
  const start = context - around / 2 - runs[at]!.prompt;
  return median(ran[at]!.steps.slice(start, start + around));
}

function equal(report: Report, ours: Report): number {
  const ids = (ran: readonly Ran[]) => ran.flatMap((one) => one.ids);
  const [theirs, own] = [ids(report.runs), ids(ours.runs)];
  return theirs.filter((id, at) => id === own[at]).length / own.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
