import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { parseModelConfig } from "../src/families/convert-registry.js";
import { buildPage } from "../test/page/build-page.js";
import { launchChromium, openWatched } from "../test/page/chromium.js";
import { serveFolder } from "../test/page/static-server.js";
import { writeGeneratedCheckpoint } from "../test/support/generated-checkpoint.js";
import type { BenchResult } from "./result.js";
import { familyCheckpoints } from "./support/family-checkpoints.js";

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const name = "smolvlm-256m";
const folderName = "smolvlm";

type Library = typeof import("prumerge/browser");
interface Scope {
  readonly prumerge: Library;
  model?: Awaited<ReturnType<Library["loadModel"]>>;
}

/** How the picture is shown and reduced. */
interface Way {
  readonly name: string;
  readonly views: "base" | "all";
  /** Share of the patches that is kept; undefined: all. */
  readonly share?: number;
}

const ways: readonly Way[] = [
  { name: "the whole picture alone, all its tokens", views: "base" },
  { name: "the whole picture alone, 25 % of them", views: "base", share: 0.25 },
  { name: "with its tiles, 25 % of all", views: "all", share: 0.25 },
];

/** Of one answer of one token, milliseconds. */
interface Answered {
  readonly encode: number;
  readonly firstToken: number;
  readonly visualTokens: number;
  readonly views: number;
}

/**
 * SmolVLM-256M's exact geometry with generated weights, converted to q4, in Chromium on WebAssembly: bytes that a visitor
 * downloads, time to the first token, and the memory that the tab's process takes at most.
 *
 * Environment: `PRUMERGE_BENCH_SCRATCH`, a folder with 2 GB to spare; `PRUMERGE_BENCH_ROUNDS` (default 1 after one that opens the
 * sessions); `PRUMERGE_BENCH_THREADS` (default 2); `PRUMERGE_BENCH_TILES=0` leaves out the picture with its tiles, which takes minutes.
 */
export async function run(): Promise<BenchResult[]> {
  const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 1);
  const threads = Number(process.env.PRUMERGE_BENCH_THREADS ?? 2);
  const wanted = ways.filter(({ views }) => views === "base" || process.env.PRUMERGE_BENCH_TILES !== "0");
  const scratch = mkdtempSync(
    join(process.env.PRUMERGE_BENCH_SCRATCH ?? tmpdir(), "prumerge-bench-smolvlm-"),
  );
  const built = await buildPage("test/page/harness");
  const browser = await launchChromium();
  try {
    renameSync(convertGenerated(scratch), join(built.folder, folderName));
    const server = await serveFolder(built.folder, { isolated: true });
    const picture = (await drawPicture(640, 480)).toString("base64");
    try {
      const { page } = await openWatched(browser, server.url);
      const bytes = await page.evaluate(load, [folderName, threads] as const);
      const loaded = await memoryOf(browser);
      const results: BenchResult[] = [
        {
          name: "download",
          median: bytes / 1e6,
          unit: "MB",
          notes: `of ${(folderBytes(join(built.folder, folderName)) / 1e6).toFixed(1)} MB in the folder, q4; ONNX Runtime's own files not counted`,
        },
        { name: "memory, model open", ...loaded },
      ];
      for (const way of wanted) {
        results.push(...tell(way, await measure(page, picture, way, rounds), threads));
        results.push({ name: `memory, ${way.name}`, ...(await memoryOf(browser)) });
      }
      return results;
    } finally {
      await server.close();
    }
  } finally {
    await browser.close();
    built.remove();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function convertGenerated(scratch: string): string {
  const { files } = familyCheckpoints[name]!();
  const [source, model] = [join(scratch, "checkpoint"), join(scratch, "model")];
  writeGeneratedCheckpoint(source, parseModelConfig(files.config, name), files, {
    form: "safetensors",
    shardBytes: 5e9,
  });
  execFileSync(process.execPath, [command, "convert", source, model, "--dtype", "q4", "--quiet"]);
  rmSync(source, { recursive: true });
  return model;
}

/** @returns bytes that were fetched */
async function load([folder, threads]: readonly [string, number]): Promise<number> {
  const scope = globalThis as unknown as Scope;
  let bytes = 0;
  scope.model = await scope.prumerge.loadModel(folder, {
    device: "wasm",
    threads,
    cache: false,
    // No function with a name: the compiler would call a helper that the page has not.
    onProgress({ loadedBytes }) {
      bytes = loadedBytes;
    },
  });
  return bytes;
}

async function measure(page: Page, picture: string, way: Way, rounds: number): Promise<Answered[]> {
  const all: Answered[] = [];
  for (let round = -1; round < rounds; round++) {
    const answered = await page.evaluate(ask, [picture, way.views, way.share ?? 0] as const);
    console.error(
      `${way.name}: first token after ${((answered.encode + answered.firstToken) / 1000).toFixed(1)} s`,
    );
    if (round >= 0 || way.views === "all") all.push(answered);
    if (way.views === "all") break; // sessions are open, and once is long enough
  }
  return all;
}

async function ask([picture, views, share]: readonly [string, "base" | "all", number]): Promise<Answered> {
  const { prumerge, model } = globalThis as unknown as Scope;
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const reducer = share === 0 ? prumerge.noReduction() : prumerge.pruMergePlus({ keepRatio: share });
  const seen = await model!.see(bytes, reducer, { views });
  const { timings } = await model!.answer(seen, "What is on the table?", {
    maxNewTokens: 1,
    reusePrefix: false,
  }).result;
  await model!.forget(seen);
  return {
    encode: timings.encode,
    firstToken: timings.firstToken,
    visualTokens: seen.statistics.visualTokens,
    views: seen.sites.regions.length,
  };
}

function tell(way: Way, all: readonly Answered[], threads: number): BenchResult[] {
  const [{ visualTokens, views }] = all as [Answered];
  const median = (value: (one: Answered) => number) =>
    [...all].sort((a, b) => value(a) - value(b)).map(value)[all.length >> 1]!;
  const notes = `${visualTokens} visual tokens of ${views === 1 ? "one view" : `${views} views`}, WebAssembly, ${threads} threads, median of ${all.length}`;
  return [
    { name: `${way.name}: encoder`, median: median(({ encode }) => encode) / 1000, unit: "s", notes },
    {
      name: `${way.name}: first token`,
      median: median(({ encode, firstToken }) => encode + firstToken) / 1000,
      unit: "s",
      notes: `encoder included; ${notes}`,
    },
  ];
}

/** The most that the largest process of a tab has held so far. */
async function memoryOf(browser: Browser): Promise<Omit<BenchResult, "name">> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const peaks = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => `/proc/${id}/status`)
    .filter((path) => existsSync(path))
    .map((path) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(path, "utf8"))?.[1] ?? Number.NaN));
  return {
    median: Math.max(...peaks) / 1e6,
    unit: "GB",
    notes: "resident at most, the tab's process (Linux)",
  };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function drawPicture(width: number, height: number): Promise<Buffer> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 37 + (at >> 9)) % 251);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
