import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { prumerge, samples } from "../support/command-line.js";
import { HubServer, type ServedFile } from "../support/hub-server.js";

const checkpoint = fileURLToPath(new URL("../../models/pocket-llava/checkpoint", import.meta.url));
const benchmarks = fileURLToPath(new URL("../../benchmarks/pocket", import.meta.url));
const commit = "d".repeat(40);
const home = mkdtempSync(join(tmpdir(), "prumerge-home-"));
const bear = join(samples, "sample_3.png");
let hub: HubServer;

beforeAll(async () => {
  const files = readdirSync(checkpoint).map((name): [string, ServedFile] => {
    const content = readFileSync(join(checkpoint, name));
    return [name, { content, large: content.length > 1_000_000 }];
  });
  hub = await HubServer.start("owner/pocket", commit, Object.fromEntries(files));
});

afterAll(async () => {
  await hub.stop();
  rmSync(home, { recursive: true, force: true });
});

const ask = ["ask", bear, "Where is the bear?", "--model", "owner/pocket", "--json"];
const online = () => ({
  HF_ENDPOINT: hub.endpoint,
  HF_HOME: join(home, "hf"),
  XDG_CACHE_HOME: home,
  HF_HUB_OFFLINE: "0",
});

describe("a model folder of the hub that is not here", () => {
  let remote: HubServer;
  const files = [
    "config.json",
    "prumerge.json",
    "tokenizer.json",
    "onnx/vision.onnx",
    "onnx/decoder_q8.onnx",
  ];
  beforeAll(async () => {
    const bundled = join(checkpoint, "..");
    const served = files.map((path): [string, ServedFile] => {
      const there = path.startsWith("onnx/") ? Buffer.alloc(5_000_000) : readFileSync(join(bundled, path));
      return [path, { content: there, large: path.startsWith("onnx/") }];
    });
    remote = await HubServer.start("owner/folder", commit, Object.fromEntries(served));
  });
  afterAll(() => remote.stop());
  const env = () => ({ ...online(), HF_ENDPOINT: remote.endpoint });
  const fetched = () =>
    remote.seen.flatMap(({ path }) => (path.includes("/resolve/") ? [path.split("/").at(-1)] : []));

  it("is described without its weights", async () => {
    const { status, stdout } = await prumerge(["info", "owner/folder", "--json"], { env: env() });
    const report = JSON.parse(stdout);
    expect([status, report.kind, report.form, report.patches]).toEqual([0, "remote", "converted", 576]);
    expect(report.downloadBytes).toBeGreaterThan(10_000_000);
    const text = (await prumerge(["info", "owner/folder"], { env: env() })).stdout;
    expect(text).toMatch(/owner\/folder, on the hub/);
    expect(text).toMatch(/24 x 24 = 576\s+patches/);
    expect(fetched()).toEqual(["config.json"]);
  });

  it("tells what it costs without its weights", async () => {
    const { status, stdout } = await prumerge(["cost", "--model", "owner/folder", "--json"], { env: env() });
    expect([status, JSON.parse(stdout).model.language.hiddenSize]).toEqual([0, 256]);
    expect(fetched()).toEqual(["config.json"]);
  });

  it("is left out of a report where its run's model has gone there", { timeout: 600_000 }, async () => {
    const run = join(home, "run");
    const flags = ["--method", "prumerge", "--visual-tokens", "16", "--limit", "2", "--out", run, "-q"];
    expect((await prumerge(["eval", "gqa", "--data", benchmarks, ...flags])).status).toBe(0);
    const description = join(run, "run.json");
    const moved = readFileSync(description, "utf8").replaceAll('"pocket-llava"', '"owner/folder"');
    writeFileSync(description, moved);
    const page = join(home, "report.html");
    const { status } = await prumerge(["report", run, "-o", page, "--resamples", "10"], { env: env() });
    expect([status, existsSync(page)]).toEqual([0, true]);
    expect(remote.seen.some(({ path }) => path.includes("owner/folder"))).toBe(true);
    expect(fetched()).toEqual(["config.json"]);
  });
});

describe("a checkpoint of the hub", () => {
  let command: string[];

  it("is not converted behind a script's back: the exact command is printed instead", async () => {
    const { status, stdout, stderr } = await prumerge(ask, { env: online() });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^prumerge: owner\/pocket: a checkpoint that has not been converted yet.*\nConvert it once: prumerge /,
    );
    command = stderr.trim().split("Convert it once: prumerge ")[1]!.split(" ");
    expect(command.slice(0, 2)).toEqual(["convert", `owner/pocket@${commit}`]);
    expect(hub.seen.some(({ path }) => path.includes("model.safetensors"))).toBe(false);
  });

  it("says what it would take", async () => {
    const { stdout } = await prumerge(["info", "owner/pocket", "--json"], { env: online() });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ kind: "checkpoint", dtype: "q4" });
    expect(report.downloadBytes).toBeGreaterThan(12_000_000);
  });

  it("is downloaded and converted by that command", async () => {
    const { status, stdout } = await prumerge(command, { env: online() });
    expect([status, stdout]).toEqual([0, ""]);
  });

  it("is then found under its id, also offline", async () => {
    const seen = hub.seen.length;
    const { status, stdout, stderr } = await prumerge(ask, { env: { ...online(), HF_HUB_OFFLINE: "1" } });
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ model: "owner/pocket", answer: "bottom" });
    expect(hub.seen.length).toBe(seen);
  });
});

it("an adapter of the hub is recorded by its id and commit, a folder by its name", async () => {
  const adapter = fileURLToPath(new URL("../fixtures/lora-hugging-face/adapter", import.meta.url));
  const files = readdirSync(adapter).map((name): [string, ServedFile] => [
    name,
    { content: readFileSync(join(adapter, name)), large: false },
  ]);
  const server = await HubServer.start("owner/adapter", commit, Object.fromEntries(files));
  const target = join(home, "tuned");
  const { status, stderr } = await prumerge(
    ["convert", goldenPath("llava/tiny-llava-llama"), target, "--quiet", "--lora", "owner/adapter"],
    { env: { ...online(), HF_ENDPOINT: server.endpoint } },
  );
  await server.stop();
  expect([status, stderr]).toEqual([0, ""]);
  const { source } = JSON.parse(readFileSync(join(target, "prumerge.json"), "utf8"));
  expect(source).toEqual({
    name: "tiny-llava-llama",
    layout: "hugging-face",
    lora: `owner/adapter@${commit}`,
  });
});

it.each([
  {
    ...{ name: "HuggingFaceTB/SmolVLM-256M-Instruct", fixture: "goldens/smolvlm/tiny-idefics3" },
    ...{ converting: [], inspecting: ["--views", "base"], all: "80 visual tokens of 5 views", base: 16 },
  },
  {
    ...{ name: "llava-hf/llava-interleave-qwen-0.5b-hf", fixture: "interleave/checkpoint" },
    ...{ converting: ["--baked-tokens", "9"], inspecting: [], all: "25 visual tokens", base: 25 },
  },
])("what the README begins with: $name by its id, converted once, asked, and what was kept drawn", async ({
  name,
  fixture,
  converting,
  inspecting,
  all,
  base,
}) => {
  const small = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const files = readdirSync(small).map((file): [string, ServedFile] => [
    file,
    { content: readFileSync(join(small, file)), large: file.endsWith(".safetensors") },
  ]);
  const graph: ServedFile = { content: Buffer.alloc(1000), large: true };
  const server = await HubServer.start(name, commit, {
    ...Object.fromEntries(files),
    "onnx/vision_encoder_fp16.onnx": graph,
    "onnx/decoder_model_merged_q4.onnx": graph,
  });
  const env = { ...online(), HF_ENDPOINT: server.endpoint };
  const photo = fileURLToPath(new URL("../fixtures/image/orientation-1.jpg", import.meta.url));
  const ask = ["ask", photo, "What is on the table?", "--model", name];
  const refused = await prumerge(ask, { env });
  expect([refused.status, refused.stdout]).toEqual([1, ""]);
  const command = refused.stderr.trim().split("Convert it once: prumerge ")[1]!.split(" ");
  expect((await prumerge([...command, ...converting], { env })).status).toBe(0);
  expect(server.seen.filter(({ path }) => path.includes("/resolve/") && path.includes("onnx"))).toEqual([]);
  await server.stop();
  const asked = await prumerge([...ask, "--max-new-tokens", "4"], { env });
  expect([asked.status, asked.stderr]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^prumerge\\+: \\d+ of ${all}`, "m")),
  ]);
  const page = join(home, "kept.html");
  const drawn = await prumerge(["inspect", photo, "-o", page, ...inspecting, "--model", name], { env });
  expect([drawn.status, readFileSync(page, "utf8")]).toEqual([
    0,
    expect.stringContaining(`of ${base} visual tokens`),
  ]);
});
