import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { parseModelConfig } from "../src/families/convert-registry.js";
import { writeGeneratedCheckpoint } from "../test/support/generated-checkpoint.js";
import type { BenchResult } from "./result.js";
import {
  type FamilyCheckpoint,
  familyCheckpoints,
  type Size,
  withLayers,
} from "./support/family-checkpoints.js";
import { type Asked, familyResults } from "./support/family-results.js";

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const child = fileURLToPath(new URL("support/family-child.mjs", import.meta.url));
const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 3);
const threads = Number(process.env.PRUMERGE_BENCH_THREADS ?? 2);
const { PRUMERGE_BENCH_LAYERS: layers, PRUMERGE_BENCH_TOWER_LAYERS: towerLayers } = process.env;

/**
 * A checkpoint of each family with views: generated float16 weights of its exact geometry are written, converted to q4 and asked
 * by the command line, and timed by a process that asks for a first token unreduced and reduced in turns.
 *
 * Environment: `PRUMERGE_BENCH_SCRATCH`, a folder with 22 GB to spare (default: the system's temporary one);
 * `PRUMERGE_BENCH_FAMILIES`, some of the names, separated by semicolons (default all); `PRUMERGE_BENCH_ROUNDS`, repetitions
 * (default 3); `PRUMERGE_BENCH_THREADS` (default 2; with 1, processor time is that of the work alone, whatever else runs);
 * `PRUMERGE_BENCH_LAYERS` and `PRUMERGE_BENCH_TOWER_LAYERS`, fewer of the language model's and the tower's layers, which the
 * results then say.
 *
 * @param save is told all results so far after each family
 */
export async function run(save: (results: readonly BenchResult[]) => void): Promise<BenchResult[]> {
  const scratch = process.env.PRUMERGE_BENCH_SCRATCH ?? tmpdir();
  const results: BenchResult[] = [];
  for (const name of process.env.PRUMERGE_BENCH_FAMILIES?.split(";") ?? Object.keys(familyCheckpoints)) {
    const family = familyCheckpoints[name];
    if (family === undefined)
      throw new Error(`No family ${name}; there are ${Object.keys(familyCheckpoints).join(", ")}`);
    const folder = mkdtempSync(join(scratch, "prumerge-bench-families-"));
    try {
      results.push(...(await measure(name, family(), folder)));
      save(withOthers(results));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return withOthers(results);
}

/** Results with those of other families that an earlier run has left: each says which commit it is of. */
function withOthers(results: readonly BenchResult[]): BenchResult[] {
  const path = new URL("results/families.json", import.meta.url);
  if (!existsSync(path)) return [...results];
  const familyOf = ({ name }: BenchResult) => name.split(/[: ]/)[0]!;
  const own = new Set(results.map(familyOf));
  const others: BenchResult[] = JSON.parse(readFileSync(path, "utf8")).results;
  return [...others.filter((result) => !own.has(familyOf(result))), ...results];
}

async function measure(name: string, family: FamilyCheckpoint, folder: string): Promise<BenchResult[]> {
  const { files, told: cut } = withLayers(family.files, layers, towerLayers);
  const spec = parseModelConfig(files.config, name);
  const [source, model, picture] = ["checkpoint", "model", "picture.png"].map((part) =>
    join(folder, part),
  ) as [string, string, string];
  const { bavail, bsize } = statfsSync(folder);
  const bytes = writeGeneratedCheckpoint(source, spec, files, { form: "safetensors", shardBytes: 5e9 });
  if (bavail * bsize < 1.6 * bytes) throw new Error(`${folder} has too little room for ${name}`);
  const started = performance.now();
  prumerge("convert", source, model, "--dtype", "q4", "--quiet");
  const converted = (performance.now() - started) / 1000;
  rmSync(source, { recursive: true });
  // What the command line answers is no matter of time: the smallest picture will do.
  await writePicture(picture, [280, 280]);
  const base = family.planners.includes("prumerge") ? ["--views", "base"] : [];
  const words = [
    "--model",
    model,
    "--max-new-tokens",
    "1",
    "--visual-tokens",
    "9",
    "--method",
    family.method,
  ];
  const told = JSON.parse(prumerge("ask", picture, "What?", "--json", ...words, ...base));
  if (told.visualTokens !== 9)
    throw new Error(`${name}: the command line kept ${told.visualTokens} visual tokens, not 9`);
  const options = { folder: model, rounds, threads, ...family, files: undefined };
  const asked: Asked = JSON.parse(
    execFileSync(process.execPath, ["--expose-gc", child, JSON.stringify(options)], { encoding: "utf8" }),
  );
  const about = `${name}${cut}`;
  return [
    {
      name: `${about}: weights`,
      median: bytes / 1e9,
      unit: "GB",
      notes: `float16, as downloaded; generated; at commit ${commit()}, load ${loadavg()[0]!.toFixed(0)}`,
    },
    {
      name: `${about}: conversion`,
      median: converted,
      unit: "s",
      notes: "prumerge convert --dtype q4, one run",
    },
    ...familyResults(about, family, threads, asked),
  ];
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}

function prumerge(...words: string[]): string {
  return execFileSync(process.execPath, [command, ...words], { encoding: "utf8" });
}

async function writePicture(path: string, [width, height]: Size): Promise<void> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 37 + (at >> 9)) % 251);
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}
