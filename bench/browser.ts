import { readFileSync, symlinkSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { convert } from "../src/convert/convert.js";
import { samplePath } from "../src/model/find-folder.js";
import { type BuiltPage, buildPage } from "../test/page/build-page.js";
import { launchChromium, openWatched } from "../test/page/chromium.js";
import { serveFolder } from "../test/page/static-server.js";
import { bundledCheckpoint } from "../test/support/bundled.js";
import type { BenchResult } from "./result.js";

type Library = typeof import("prumerge/browser");
type Loaded = Awaited<ReturnType<Library["loadModel"]>>;

const question = "Describe the image.";
const maxTokens = 24;
/** Where a token takes a second and more. */
const fewTokens = 6;
const reduced = 64;
/** Chromium has no graphics processor here; this one is computed by the processor. */
const softwareAdapter = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

interface Way {
  readonly name: string;
  readonly device: "wasm" | "webgpu";
  readonly threads: number;
}

const ways: readonly Way[] = [
  { name: "WebAssembly, 1 thread", device: "wasm", threads: 1 },
  { name: "WebAssembly, 2 threads", device: "wasm", threads: 2 },
];
const inSoftware: Way = { name: "WebGPU in software", device: "webgpu", threads: 1 };

/** What a page measured of one answer, milliseconds. */
interface Answered {
  readonly encode: number;
  readonly firstToken: number;
  readonly perToken: number;
  readonly tokenIds: readonly number[];
  readonly kept: readonly number[];
  /** Of the first token. */
  readonly logits: readonly number[];
}

/**
 * The library in Chromium: time to first token, encoder included, and per token, on WebAssembly with one and with two threads, unreduced and
 * at 64 visual tokens, in turns; and that WebGPU by its adapter in software gives the same answers, whose time is no figure of speed.
 *
 * Environment: `PRUMERGE_BENCH_BROWSER_MODEL`, a converted folder (default: the bundled model);
 * `PRUMERGE_BENCH_BROWSER_QUESTION` and `PRUMERGE_BENCH_BROWSER_PICTURE`, what is asked (default: a sample);
 * `PRUMERGE_BENCH_ROUNDS` (default 5); `PRUMERGE_BENCH_BROWSER_WEBGPU=0` leaves out WebGPU.
 */
export async function run(): Promise<BenchResult[]> {
  const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 5);
  const built = await buildPage("test/page/harness");
  const folder = modelIn(built);
  const server = await serveFolder(built.folder, { isolated: true });
  try {
    const onProcessor = await inBrowser(server.url, [], (page) =>
      measure(page, folder, ways, { warmUps: 1, rounds, maxTokens }),
    );
    const results = tell(onProcessor, folder, rounds);
    if (process.env.PRUMERGE_BENCH_BROWSER_WEBGPU === "0") return results;
    const precise = await preciseModel(built, folder);
    const both = [ways[0]!, inSoftware];
    const inside = await inBrowser(server.url, softwareAdapter, (page) =>
      measure(page, precise, both, { warmUps: 0, rounds: 1, maxTokens: fewTokens }),
    );
    return [...results, ...compare(inside, precise)];
  } finally {
    await server.close();
    built.remove();
  }
}

/** The model's folder as the page asks for it. */
function modelIn(built: BuiltPage): string {
  const named = process.env.PRUMERGE_BENCH_BROWSER_MODEL;
  if (named === undefined) return "pocket-llava";
  symlinkSync(resolve(named), join(built.folder, basename(named)));
  return basename(named);
}

/** In float32, where the two do the same: WebAssembly rounds what is multiplied with 8-bit weights to 8 bits, WebGPU does not. */
async function preciseModel(built: BuiltPage, folder: string): Promise<string> {
  if (process.env.PRUMERGE_BENCH_BROWSER_MODEL !== undefined) return folder;
  const name = "pocket-llava-fp32";
  await convert(bundledCheckpoint, join(built.folder, name), { dtype: "fp32", workers: 0 });
  return name;
}

async function inBrowser<Result>(
  url: string,
  words: readonly string[],
  work: (page: Page) => Promise<Result>,
): Promise<Result> {
  const browser = await launchChromium(words);
  try {
    const { page } = await openWatched(browser, url);
    return await work(page);
  } finally {
    await browser.close();
  }
}

type Measured = ReadonlyMap<string, readonly Answered[]>;

const reductions = ["unreduced", `${reduced} visual tokens`] as const;

interface Extent {
  /** Rounds before those that count, in which sessions are opened. */
  readonly warmUps: number;
  readonly rounds: number;
  readonly maxTokens: number;
}

async function measure(
  page: Page,
  folder: string,
  all: readonly Way[],
  { warmUps, rounds, maxTokens: most }: Extent,
): Promise<Measured> {
  const path = process.env.PRUMERGE_BENCH_BROWSER_PICTURE ?? samplePath("sample_3.png");
  const picture = readFileSync(path).toString("base64");
  const asked = process.env.PRUMERGE_BENCH_BROWSER_QUESTION ?? question;
  const times = new Map<string, Answered[]>();
  for (const { device, threads, name } of all) {
    await page.evaluate(load, [folder, device, threads, name] as const);
  }
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name } of all) {
      for (const reduction of reductions) {
        const count = reduction === "unreduced" ? 0 : reduced;
        const answered = await page.evaluate(ask, [name, picture, asked, count, most] as const);
        const key = `${name}, ${reduction}`;
        if (round >= 0) times.set(key, [...(times.get(key) ?? []), answered]);
        console.error(`${key}: first token ${(answered.encode + answered.firstToken).toFixed(0)} ms`);
      }
    }
  }
  return times;
}

interface Scope {
  readonly prumerge: Library;
  models?: Record<string, Loaded>;
}

async function load([folder, device, threads, name]: readonly [string, Way["device"], number, string]) {
  const scope = globalThis as unknown as Scope;
  const model = await scope.prumerge.loadModel(folder, { device, threads });
  if (model.device !== device || model.threads !== threads) throw new Error(`runs by ${model.device}`);
  scope.models = { ...scope.models, [name]: model };
}

async function ask([name, picture, text, count, maxNewTokens]: readonly [
  string,
  string,
  string,
  number,
  number,
]) {
  const { prumerge, models } = globalThis as unknown as Scope;
  const model = models![name]!;
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const reducer = count === 0 ? prumerge.noReduction() : prumerge.pruMergePlus({ tokens: count });
  const seen = await model.see(bytes, reducer);
  const options = { maxNewTokens, reusePrefix: false, keepLogits: true };
  const { timings, tokenIds, logits } = await model.answer(seen, text, options).result;
  await model.forget(seen);
  return {
    ...{ encode: timings.encode, firstToken: timings.firstToken, perToken: timings.perToken ?? Number.NaN },
    ...{ tokenIds: [...tokenIds], kept: [...seen.plan.keptPatches], logits: [...logits![0]!] },
  };
}

function tell(measured: Measured, folder: string, rounds: number): BenchResult[] {
  const results = [...measured].flatMap(([name, all]): BenchResult[] => {
    const notes = `${folder} in Chromium, median of ${rounds}`;
    const of = (what: string, value: (one: Answered) => number, more = ""): BenchResult => ({
      name: `${name}: ${what}`,
      ...{ median: median(all.map(value)), unit: "ms", notes: `${notes}${more}` },
    });
    return [
      of("encoder", ({ encode }) => encode),
      of("first token", ({ encode, firstToken }) => encode + firstToken, ", encoder included"),
      of("per token", ({ perToken }) => perToken, `, ${all[0]!.tokenIds.length} tokens`),
    ];
  });
  const first = (key: string) =>
    median(measured.get(key)!.map(({ encode, firstToken }) => encode + firstToken));
  const gains = ways.map(({ name }): BenchResult => {
    const gain = first(`${name}, unreduced`) / first(`${name}, ${reductions[1]}`);
    return {
      name: `${name}: gain`,
      median: gain,
      unit: "ratio",
      notes: "first token, unreduced over reduced",
    };
  });
  return [...results, ...gains];
}

/** Answers of WebGPU beside those of WebAssembly, by the same folder in the same browser. */
function compare(measured: Measured, folder: string): BenchResult[] {
  return reductions.flatMap((reduction): BenchResult[] => {
    const [found] = measured.get(`${inSoftware.name}, ${reduction}`)!;
    const [expected] = measured.get(`${ways[0]!.name}, ${reduction}`)!;
    const share = (of: (one: Answered) => readonly number[]) => {
      const [theirs, ours] = [of(found!), of(expected!)];
      return ours.filter((value, at) => value === theirs[at]).length / Math.max(ours.length, theirs.length);
    };
    const inBoth = expected!.kept.filter((patch) => found!.kept.includes(patch)).length;
    const furthest = expected!.logits.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - found!.logits[at]!)),
      0,
    );
    const seconds = ((found!.encode + found!.firstToken) / 1000).toFixed(1);
    const slow = `first token after ${seconds} s, which is no figure of speed: the adapter computes on the processor`;
    const name = (what: string) => `${inSoftware.name}, ${reduction}: ${what}`;
    const notes = `${folder}, beside ${ways[0]!.name}`;
    return [
      {
        ...{ name: name("tokens equal"), median: share(({ tokenIds }) => tokenIds), unit: "share" },
        notes: `${notes}; ${slow}`,
      },
      {
        ...{ name: name("kept patches in common"), median: inBoth / expected!.kept.length, unit: "share" },
        notes,
      },
      { ...{ name: name("logits of the first token, furthest"), median: furthest, unit: "" }, notes },
    ];
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
